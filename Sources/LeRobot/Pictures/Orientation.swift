/// How a picture is to be turned so that it stands as it was seen: EXIF's tag 0x0112, 1 to 8.
///
/// As Pillow's `ImageOps.exif_transpose`, by which `datasets` and `transformers` turn what they read: where
/// EXIF data say nothing, or are none, XMP's `tiff:Orientation` counts.
struct Orientation: Equatable {
  private let value: Int

  init(_ metadata: PictureMetadata) {
    value =
      metadata.exif.map(Self.withoutMark).flatMap(TIFFDirectory.init)?.number(0x0112)
      ?? metadata.xmp.flatMap(Self.property) ?? 1
  }

  private static func withoutMark(_ exif: [UInt8]) -> ArraySlice<UInt8> {
    var rest = exif[...]
    for _ in 0..<2 where rest.starts(with: "Exif\0\0".utf8) { rest = rest.dropFirst(6) }
    return rest
  }

  /// The digit behind `tiff:Orientation="` or `tiff:Orientation>`.
  private static func property(_ xmp: [UInt8]) -> Int? {
    let text = String(decoding: xmp, as: UTF8.self)
    return text.firstMatch(of: /tiff:Orientation(="|>)([0-9])/).flatMap { Int($0.output.2) }
  }

  func turned(_ image: Image) -> Image {
    guard (2...8).contains(value) else { return image }
    let (width, height) = (image.width, image.height)
    let swapsSides = value >= 5
    let (mirrorsX, mirrorsY) = ([2, 3, 7, 8].contains(value), [3, 4, 6, 7].contains(value))
    let (newWidth, newHeight) = swapsSides ? (height, width) : (width, height)
    let pixels = [UInt8](unsafeUninitializedCapacity: image.pixels.count) { target, count in
      image.pixels.withUnsafeBufferPointer { source in
        for y in 0..<newHeight {
          for x in 0..<newWidth {
            let (u, v) = swapsSides ? (y, x) : (x, y)
            let from =
              3 * ((mirrorsY ? height - 1 - v : v) * width + (mirrorsX ? width - 1 - u : u))
            let to = 3 * (y * newWidth + x)
            for i in 0..<3 { target[to + i] = source[from + i] }
          }
        }
      }
      count = image.pixels.count
    }
    return Image(width: newWidth, height: newHeight, pixels: pixels)
  }
}
