import CJPEG

/// JPEG files, by libjpeg-turbo: the bytes that Pillow gives.
enum JPEG {
  /// The picture as it is stored, not turned.
  ///
  /// libjpeg fills in what is missing of a damaged file and warns, and Pillow loads what it made; here
  /// such a file is an error, as one is that was cut short.
  static func decode(_ bytes: UnsafeRawBufferPointer, name: String) throws -> Image {
    let source = bytes.assumingMemoryBound(to: UInt8.self)
    var (width, height): (Int32, Int32) = (0, 0)
    try check(name) { cj_read_size(source.baseAddress, source.count, &width, &height, $0) }
    try Image.checkSize(Int(width), Int(height), name: name)
    let count = Int(width) * Int(height) * 3
    let pixels = try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      try check(name) { cj_decode(source.baseAddress, source.count, buffer.baseAddress, $0) }
      filled = count
    }
    return Image(width: Int(width), height: Int(height), pixels: pixels)
  }

  private static func check(
    _ name: String, _ body: (UnsafeMutablePointer<CChar>) -> Int32
  ) throws {
    var status: Int32 = 0
    var words = [CChar](repeating: 0, count: Int(CJ_MESSAGE_SIZE))
    words.withUnsafeMutableBufferPointer { status = body($0.baseAddress!) }
    guard status != CJ_OK else { return }
    let text = String(
      decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    throw DatasetError(
      name,
      status == CJ_UNSUPPORTED
        ? "is a JPEG of a kind that is not supported: \(text); save it as PNG, or as JPEG of 8 bits with 1, 3 or 4 components"
        : "is damaged or cut short: \(text); get the whole file, or save the picture again")
  }
}
