// Every text of the page whose contrast with what lies behind it is below `least` (WCAG 2.2, "contrast ratio").
(least) => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

  const overlaid = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return canvas.getImageData(0, 0, 1, 1).data;
  };

  const luminance = ([red, green, blue]) => {
    const linear = [red, green, blue].map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };

  const grounds = (element) => {
    const found = [];
    for (let each = element; each !== null; each = each.parentElement) {
      found.unshift(getComputedStyle(each).backgroundColor);
    }
    return ["white", ...found];
  };

  const contrast = (element) => {
    const behind = grounds(element);
    const [ground, text] = [behind, [...behind, getComputedStyle(element).color]].map((each) =>
      luminance(overlaid(each)),
    );
    return (Math.max(ground, text) + 0.05) / (Math.min(ground, text) + 0.05);
  };

  const shown = (element) => element.checkVisibility() && element.getBoundingClientRect().width > 0;
  const speaks = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  return [...document.body.querySelectorAll("*")]
    .filter((element) => speaks(element) && shown(element) && contrast(element) < least)
    .map(
      (element) =>
        `${element.className || element.tagName} “${element.textContent.trim()}” ${contrast(element).toFixed(2)}`,
    );
};
