/// What a picture's file says besides its pixels, as far as it is wanted here: where its EXIF and XMP
/// data are.
///
/// Any bytes will do; what cannot be followed ends the search.
struct PictureMetadata {
  /// A small TIFF file, of JPEG, PNG and WebP; of a TIFF the file itself.
  private(set) var exif: [UInt8]?
  private(set) var xmp: [UInt8]?
  private(set) var isAnimated = false

  init(_ bytes: UnsafeRawBufferPointer, _ format: PictureFormat) {
    switch format {
    case .jpeg: readJPEG(bytes)
    case .png: readPNG(bytes)
    case .webp: readWebP(bytes)
    case .tiff: exif = Array(bytes)
    case .bmp: break
    }
  }

  private static let exifMark = Array("Exif\0\0".utf8)
  private static let xmpMark = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
  private static let pngXMPMark = Array("XML:com.adobe.xmp\0\0\0".utf8)

  /// The segments before the pixels; EXIF data of several are one.
  private mutating func readJPEG(_ bytes: UnsafeRawBufferPointer) {
    var position = 2
    while position + 4 <= bytes.count, bytes[position] == 0xFF {
      let marker = bytes[position + 1]
      guard marker != 0xFF else {  // filling
        position += 1
        continue
      }
      let length = bytes.integer(at: position + 2, as: UInt16.self, isBig: true) ?? 0
      let end = position + 2 + length
      guard marker != 0xDA, marker != 0xD9, length >= 2, end <= bytes.count else { return }
      if marker == 0xE1 {
        let content = bytes[(position + 4)..<end]
        if content.starts(with: Self.exifMark) {
          exif = (exif ?? []) + content.dropFirst(6)
        } else if content.starts(with: Self.xmpMark) {
          xmp = Array(content.dropFirst(Self.xmpMark.count))
        }
      }
      position = end
    }
  }

  private mutating func readPNG(_ bytes: UnsafeRawBufferPointer) {
    var position = 8
    while let length = bytes.integer(at: position, as: UInt32.self, isBig: true),
      length <= bytes.count - position - 12
    {
      let name = bytes[(position + 4)..<(position + 8)]
      let content = bytes[(position + 8)..<(position + 8 + length)]
      if name.elementsEqual("eXIf".utf8) { exif = Array(content) }
      if name.elementsEqual("iTXt".utf8), content.starts(with: Self.pngXMPMark) {
        xmp = Array(content.dropFirst(Self.pngXMPMark.count))
      }
      position += length + 12
    }
  }

  private mutating func readWebP(_ bytes: UnsafeRawBufferPointer) {
    // What there is besides pixels is announced in the first chunk.
    guard bytes.count > 20, bytes[12..<16].elementsEqual("VP8X".utf8) else { return }
    let flags = bytes[20]
    isAnimated = flags & 0x02 != 0
    var position = 12
    while let length = bytes.integer(at: position + 4, as: UInt32.self, isBig: false),
      length <= bytes.count - position - 8
    {
      let name = bytes[position..<(position + 4)]
      let content = bytes[(position + 8)..<(position + 8 + length)]
      if flags & 0x08 != 0, name.elementsEqual("EXIF".utf8) { exif = Array(content) }
      if flags & 0x04 != 0, name.elementsEqual("XMP ".utf8) { xmp = Array(content) }
      position += 8 + length + length % 2
    }
  }
}

extension Collection where Element == UInt8, Index == Int {
  /// The unsigned integer at a position; nil where it reaches beyond the end.
  func integer<T: FixedWidthInteger & UnsignedInteger>(
    at position: Int, as _: T.Type, isBig: Bool
  ) -> Int? {
    let size = T.bitWidth / 8
    guard position >= 0, position <= count - size else { return nil }
    var value = 0
    for i in 0..<size {
      value = value << 8 | Int(self[startIndex + position + (isBig ? i : size - 1 - i)])
    }
    return value
  }
}
