"""Pictures of every kind that Pillow writes, and what it reads of them; run in this folder.

Made with pillow 13.0.0 (libjpeg-turbo 3.2.0). golden.json has each picture's size and the SHA-256 of
ImageOps.exif_transpose(Image.open(name)).convert("RGB"), which datasets and transformers read, or a word for what Pillow does otherwise.
"""
import hashlib
import io
import json
import struct
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

FILES = {}


def grid(width, height):
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray((np.stack([x * 5, y * 6, x * y * 3], -1) % 256).astype(np.uint8))


def save(name, picture, kind, **options):
    out = io.BytesIO()
    picture.save(out, kind, **options)
    FILES[name] = out.getvalue()


def exif(orientation, order="<", type_=3, prefix=b"Exif\0\0"):
    mark = b"II*\0" if order == "<" else b"MM\0*"
    value = struct.pack(order + ("HH" if type_ == 3 else "L"), *((orientation, 0) if type_ == 3 else (orientation,)))
    entry = struct.pack(order + "HHL", 0x0112, type_, 1) + value
    return prefix + mark + struct.pack(order + "LH", 8, 1) + entry + struct.pack(order + "L", 0)


def xmp(text):
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description {text}/></x:xmpmeta>'.encode()


# JPEG: colours, sampling, progressive, sizes that are no multiples of a block.
for width, height in ((45, 37), (16, 16), (1, 1), (7, 3)):
    picture = grid(width, height)
    for sampling in ("4:4:4", "4:2:2", "4:2:0"):
        for progressive in (False, True):
            if (width, height) != (45, 37) and (progressive or sampling not in ("4:2:0", "4:2:2")):
                continue
            save(f"{width}x{height}_{sampling.replace(':', '')}{'_progressive' * progressive}.jpg", picture, "JPEG",
                 subsampling=sampling, progressive=progressive, quality=70)
    save(f"{width}x{height}_gray.jpg", picture.convert("L"), "JPEG")
    save(f"{width}x{height}_cmyk.jpg", picture.convert("CMYK"), "JPEG")
save("cmyk_progressive.jpg", grid(45, 37).convert("CMYK"), "JPEG", progressive=True)
save("restarts.jpg", grid(45, 37), "JPEG", restart_marker_rows=1)
save("rgb_inside.jpg", grid(45, 37), "JPEG", keep_rgb=True)
# The transform of Adobe's marker 0 to 2: what libjpeg takes four inks for is YCCK.
at = FILES["45x37_cmyk.jpg"].index(b"Adobe")
FILES["ycck.jpg"] = FILES["45x37_cmyk.jpg"][:at + 11] + b"\2" + FILES["45x37_cmyk.jpg"][at + 12:]
whole = FILES["45x37_420.jpg"]
FILES["bytes_before_end.jpg"] = whole[:-2] + b"\x12\x34" + whole[-2:]
FILES["bytes_behind.jpg"] = whole + bytes(40)
# Pillow loads what libjpeg fills in.
FILES["damaged_ended_early.jpg"] = whole[:len(whole) * 3 // 4] + b"\xff\xd9"
# Pillow refuses these.
FILES["cut.jpg"] = whole[:len(whole) * 3 // 4]
FILES["cut_end.jpg"] = whole[:-2]

# Orientation, wherever it is.
small = grid(12, 7)
for orientation in range(1, 9):
    save(f"turned_{orientation}.jpg", small, "JPEG", quality=90, exif=exif(orientation))
for name, kind in (("png", "PNG"), ("webp", "WEBP"), ("tif", "TIFF")):
    for orientation in (1, 3, 6, 7):
        if kind == "TIFF":
            save(f"turned_{orientation}.tif", small, kind, tiffinfo={0x0112: orientation})
        else:
            save(f"turned_{orientation}.{name}", small, kind, exif=exif(orientation), **({"lossless": True} if kind == "WEBP" else {}))
save("turned_big.jpg", small, "JPEG", exif=exif(6, ">"))
save("turned_long.jpg", small, "JPEG", exif=exif(8, "<", 4))
save("turned_nine.jpg", small, "JPEG", exif=exif(9))
save("turned_twice_marked.jpg", small, "JPEG", exif=b"Exif\0\0" + exif(6))
save("turned_xmp.jpg", small, "JPEG", xmp=xmp('tiff:Orientation="8"'))
save("turned_xmp_and_exif.jpg", small, "JPEG", xmp=xmp('tiff:Orientation="8"'), exif=exif(3))
save("turned_xmp.webp", small, "WEBP", lossless=True, xmp=xmp('tiff:Orientation="6"'))
save("exif_empty.jpg", small, "JPEG", exif=b"Exif\0\0")
save("exif_cut.jpg", small, "JPEG", exif=exif(6)[:20])
plain = FILES["turned_6.jpg"]
FILES["exif_none.jpg"] = plain.replace(b"Exif\0\0II*\0", b"Exif\0\0QQQQ")

# Other formats.
for mode in ("RGB", "L", "RGBA", "P", "1"):
    save(f"{mode}.bmp", small.convert(mode), "BMP")
for mode in ("RGB", "RGBA"):
    save(f"{mode}.webp", small.convert(mode), "WEBP", lossless=True)
save("animated.webp", small, "WEBP", save_all=True, append_images=[ImageOps.invert(small)], lossless=True)
for compression in ("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "jpeg", "group4", "lzma", "zstd"):
    save(f"{compression}.tif", small.convert("1") if compression == "group4" else small, "TIFF", compression=compression)
for mode in ("L", "1", "P", "RGBA", "CMYK", "LA"):
    save(f"{mode}.tif", small.convert(mode), "TIFF")
FILES["cut.tif"] = FILES["raw.tif"][:len(FILES["raw.tif"]) - 40]
save("big.tif", small, "TIFF", big_tiff=True)

golden = {}
for name, data in sorted(FILES.items()):
    Path(name).write_bytes(data)
    try:
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
        golden[name] = {"width": picture.width, "height": picture.height, "sha256": hashlib.sha256(picture.tobytes()).hexdigest()}
    except Exception as error:
        golden[name] = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:80]}
Path("golden.json").write_text(json.dumps(golden, indent=1) + "\n")
