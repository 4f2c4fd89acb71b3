import Foundation

/// A picture as 8-bit RGB.
public struct Image: Sendable, Equatable {
  public let width: Int
  public let height: Int
  /// [height, width, 3]
  public let pixels: [UInt8]

  public init(width: Int, height: Int, pixels: [UInt8]) {
    guard pixels.count == width * height * 3 else {
      fatalError("\(pixels.count) bytes are not an image of \(width)×\(height)")
    }
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Reads a PNG, JPEG, WebP, BMP or TIFF file, turned as its EXIF data say; an alpha channel is
  /// dropped.
  public static func read(_ path: String) throws -> Image {
    if let size = fileSize(path), size > largestFile {
      throw DatasetError(path, "has \(size) bytes, which no picture has that is wanted here")
    }
    return try decode(readBytes(path), name: path)
  }

  /// Decodes the bytes of such a file; `name` stands for them in errors.
  public static func decode(_ bytes: [UInt8], name: String = "image") throws -> Image {
    try bytes.withUnsafeBytes { try decode($0, name: name) }
  }

  static func decode(_ bytes: UnsafeRawBufferPointer, name: String) throws -> Image {
    let format = try format(of: bytes, name: name)
    let metadata = PictureMetadata(bytes, format)
    if metadata.isAnimated {
      throw DatasetError(
        name, "is an animated WebP, which is not supported: save one of its pictures, as PNG say")
    }
    let stored =
      format == .jpeg
      ? try JPEG.decode(bytes, name: name)
      : try FFmpegPicture.decode(bytes, format, name: name)
    return Orientation(metadata).turned(stored)
  }

  static func format(of bytes: UnsafeRawBufferPointer, name: String) throws -> PictureFormat {
    guard bytes.count <= largestFile, let format = PictureFormat(bytes) else {
      throw DatasetError(name, "is not a picture: PNG, JPEG, WebP, BMP or TIFF is wanted")
    }
    return format
  }

  /// Bytes of a compressed picture, and pixels of any, that are not taken for a mistake or an attack.
  private static let largestFile = 1 << 28
  static let mostPixels = 1 << 27

  /// Which pixels come of a file's bytes; another word where that changes.
  static let decoding = "turned, libjpeg"

  static func checkSize(_ width: Int, _ height: Int, name: String) throws {
    guard width * height <= mostPixels else {
      throw DatasetError(name, "has \(width)×\(height) pixels; wanted at most \(mostPixels)")
    }
  }

  /// Copies [height, width, 3] to memory of just that size.
  func write(to destination: UnsafeMutableRawBufferPointer) {
    pixels.withUnsafeBytes { destination.copyMemory(from: $0) }
  }
}
