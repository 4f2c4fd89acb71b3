import CFFmpeg
import Foundation

/// A picture file of one number a pixel, as Pillow reads it in its modes "L", "I;16" and "F".
struct GrayPicture {
  let width: Int
  let height: Int
  /// [height, width], on the file's own scale.
  let values: [Float]

  init(_ bytes: UnsafeRawBufferPointer, name: String) throws {
    let format = try Image.format(of: bytes, name: name)
    if format == .tiff, let floats = try FloatTIFF(bytes, name: name) {
      (width, height, values) = (floats.width, floats.height, floats.values)
      return
    }
    (width, height, values) = try FFmpegPicture.withFrame(bytes, format, name: name) { frame in
      let (width, height) = (Int(frame.width), Int(frame.height))
      let row = Int(frame.linesize.0)
      var values: [Float] = []
      values.reserveCapacity(width * height)
      for y in 0..<height {
        let line = UnsafeRawPointer(frame.data.0!) + y * row
        switch frame.format {
        case AV_PIX_FMT_GRAY8.rawValue:
          // LeRobot reads these as it reads colours.
          for x in 0..<width {
            values.append(Float(line.load(fromByteOffset: x, as: UInt8.self)) / 255)
          }
        case AV_PIX_FMT_GRAY16LE.rawValue, AV_PIX_FMT_GRAY16BE.rawValue:
          let isBig = frame.format == AV_PIX_FMT_GRAY16BE.rawValue
          for x in 0..<width {
            let value = line.loadUnaligned(fromByteOffset: 2 * x, as: UInt16.self)
            values.append(Float(isBig ? value.bigEndian : value.littleEndian))
          }
        default:
          throw DatasetError(
            name, "is a picture in colour, depth is wanted: one number a pixel, of 16 bits say")
        }
      }
      return (width, height, values)
    }
  }
}

/// A TIFF file of 32-bit floating-point numbers, not compressed: what LeRobot writes of depth in metres.
private struct FloatTIFF {
  let width: Int
  let height: Int
  let values: [Float]

  /// Nil for a file of other numbers.
  init?(_ bytes: UnsafeRawBufferPointer, name: String) throws {
    guard let directory = TIFFDirectory(Array(bytes)[...]), directory.number(258) == 32,
      directory.number(339) == 3
    else { return nil }
    let compression = directory.number(259) ?? 1
    guard compression == 1, directory.number(277) ?? 1 == 1 else {
      throw DatasetError(
        name,
        "is a TIFF of 32-bit numbers of a kind that is not supported (compression \(compression), \(directory.number(277) ?? 1) numbers a pixel): save it without compression, one number a pixel"
      )
    }
    let (width, height) = (directory.number(256) ?? 0, directory.number(257) ?? 0)
    let (starts, counts) = (directory.numbers(273), directory.numbers(279))
    try Image.checkSize(width, height, name: name)
    var data: [UInt8] = []
    for (start, count) in zip(starts, counts)
    where start <= bytes.count && data.count < 4 * width * height {
      data += bytes[start..<min(start + count, bytes.count)]
    }
    guard width > 0, height > 0, data.count >= 4 * width * height else {
      throw DatasetError(
        name, "is damaged or cut short: it has \(data.count) bytes of \(width)×\(height) numbers")
    }
    (self.width, self.height) = (width, height)
    values = data.withUnsafeBytes { data in
      (0..<width * height).map {
        let bits = data.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)
        return Float(bitPattern: directory.isBig ? bits.bigEndian : bits.littleEndian)
      }
    }
  }
}
