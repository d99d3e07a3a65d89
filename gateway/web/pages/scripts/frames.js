/** Frames for the gateway: a camera's where the browser allows it, else the picture that the phone's own camera took. */

const LONGEST_PX = 960;
const MOST_BYTES = 250_000;
const QUALITIES = [0.75, 0.5, 0.3];

/** Whether this page may film: browsers allow it only where the address is secure. */
export function mayFilm() {
  return window.isSecureContext && navigator.mediaDevices?.getUserMedia !== undefined;
}

/** Start the camera at the back of the phone, which is seen in `video` then; gives whether it may and can. */
export async function startCamera(video) {
  const wanted = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    await video.play();
    return true;
  } catch (error) {
    stopCamera(video);
    if (!(error instanceof DOMException)) {
      throw error;
    }
    return false;
  }
}

/** Let go of the camera. */
export function stopCamera(video) {
  for (const track of video.srcObject?.getTracks() ?? []) {
    track.stop();
  }
  video.srcObject = null;
}

/** What `video` shows now, as a small JPEG; null before its first frame. */
export function filmed(video) {
  return video.videoWidth === 0 ? null : smallJpeg(video, video.videoWidth, video.videoHeight);
}

/** A picture file as a small JPEG; null where it is no picture. */
export async function photographed(file) {
  try {
    const picture = await createImageBitmap(file);
    return await smallJpeg(picture, picture.width, picture.height);
  } catch (error) {
    if (error instanceof DOMException) {
      return null;
    }
    throw error;
  }
}

async function smallJpeg(picture, width, height) {
  const factor = Math.min(1, LONGEST_PX / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * factor));
  canvas.height = Math.max(1, Math.round(height * factor));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  for (const quality of QUALITIES) {
    const jpeg = await new Promise((made) => canvas.toBlob(made, "image/jpeg", quality));
    if (jpeg !== null && jpeg.size <= MOST_BYTES) {
      return jpeg;
    }
  }
  return null;
}
