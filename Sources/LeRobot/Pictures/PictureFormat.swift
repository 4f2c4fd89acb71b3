/// The formats of picture files that are read.
enum PictureFormat: String {
  case png = "PNG"
  case jpeg = "JPEG"
  case webp = "WebP"
  case bmp = "BMP"
  case tiff = "TIFF"

  /// By the first bytes; nil where they are of none.
  init?(_ bytes: UnsafeRawBufferPointer) {
    func starts(_ prefix: [UInt8]) -> Bool { bytes.starts(with: prefix) }
    guard bytes.count >= 12 else { return nil }
    if starts([0x89, 0x50, 0x4E, 0x47]) {
      self = .png
    } else if starts([0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if starts(Array("RIFF".utf8)), bytes[8..<12].elementsEqual("WEBP".utf8) {
      self = .webp
    } else if starts(Array("BM".utf8)) {
      self = .bmp
    } else if [
      [0x49, 0x49, 0x2A, 0], [0x4D, 0x4D, 0, 0x2A], [0x49, 0x49, 0x2B, 0], [0x4D, 0x4D, 0, 0x2B],
    ]
    .contains(where: starts) {  // the last two: BigTIFF
      self = .tiff
    } else {
      return nil
    }
  }

  /// Of a file's name.
  var suffix: String { self == .jpeg ? "jpg" : rawValue.lowercased() }

  var article: String { "a \(rawValue)" }
}
