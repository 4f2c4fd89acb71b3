/// How a picture or a video's frames are to be turned so that they stand as they were seen: EXIF's tag 0x0112,
/// 1 to 8.
struct Orientation: Equatable {
  private let value: Int

  /// Nothing is turned.
  static let upright = Orientation(clockwise: 0)

  /// As Pillow's `ImageOps.exif_transpose`, by which `datasets` and `transformers` turn what they read: where
  /// EXIF data say nothing, or are none, XMP's `tiff:Orientation` counts.
  init(_ metadata: PictureMetadata) {
    let value =
      metadata.exif.map(Self.withoutMark).flatMap(TIFFDirectory.init)?.number(0x0112)
      ?? metadata.xmp.flatMap(Self.property) ?? 1
    self.value = (1...8).contains(value) ? value : 1
  }

  /// As a video's display matrix says. A matrix in between quarter turns, or one that mirrors, counts as the
  /// nearest turn, as in TorchCodec.
  ///
  /// - Parameter clockwise: quarter turns.
  init(clockwise: Int) { value = [1, 6, 3, 8][(clockwise % 4 + 4) % 4] }

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

  /// "turned by 90°", clockwise; nil where nothing is turned.
  var description: String? { [3: 180, 6: 90, 8: 270][value].map { "turned by \($0)°" } }

  private var swapsSides: Bool { value >= 5 }

  /// The size of a turned picture.
  func size(_ width: Int, _ height: Int) -> (width: Int, height: Int) {
    swapsSides ? (height, width) : (width, height)
  }

  /// Turns a picture of [height, width, 3].
  func turn(
    _ source: UnsafePointer<UInt8>, width: Int, height: Int,
    into destination: UnsafeMutablePointer<UInt8>
  ) {
    let (mirrorsX, mirrorsY) = ([2, 3, 7, 8].contains(value), [3, 4, 6, 7].contains(value))
    let (newWidth, newHeight) = size(width, height)
    for y in 0..<newHeight {
      for x in 0..<newWidth {
        let (u, v) = swapsSides ? (y, x) : (x, y)
        let from = 3 * ((mirrorsY ? height - 1 - v : v) * width + (mirrorsX ? width - 1 - u : u))
        let to = 3 * (y * newWidth + x)
        for i in 0..<3 { destination[to + i] = source[from + i] }
      }
    }
  }

  func turned(_ image: Image) -> Image {
    guard self != .upright else { return image }
    let (width, height) = size(image.width, image.height)
    let pixels = [UInt8](unsafeUninitializedCapacity: image.pixels.count) { target, count in
      turn(image.pixels, width: image.width, height: image.height, into: target.baseAddress!)
      count = image.pixels.count
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}
