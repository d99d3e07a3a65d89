"""The shop in a box: broker, head office, members and a walked shop, for a laptop without any of them.

They speak the gateway's formats and protocols and see nothing of its inside, so they are also the fakes of its tests.
"""
