import CFFmpeg
import Foundation

/// How far away what a camera saw was.
public struct DepthMap: Sendable, Equatable {
  /// Pixels.
  public let width: Int
  /// Pixels.
  public let height: Int
  /// [height, width]
  public let millimetres: [Float]

  init(width: Int, height: Int, millimetres: [Float]) {
    (self.width, self.height, self.millimetres) = (width, height, millimetres)
  }

  /// Of the 12-bit codes of a video's frame.
  init(width: Int, height: Int, codes: [UInt16], _ encoding: DepthEncoding) {
    let table = encoding.millimetres
    self.init(
      width: width, height: height,
      millimetres: codes.map { table[min(Int($0), DepthEncoding.greatestCode)] })
  }

  /// Of a picture file of 16-bit whole numbers or of 32-bit floating-point ones.
  package init(
    _ bytes: UnsafeRawBufferPointer, _ encoding: DepthEncoding, name: String
  ) throws {
    let picture = try GrayPicture(bytes, name: name)
    let scale: Float = encoding.unit == "m" ? 1000 : 1
    self.init(
      width: picture.width, height: picture.height,
      millimetres: scale == 1 ? picture.values : picture.values.map { $0 * scale })
  }

  /// A grey picture: the upper 8 of the 12 bits of a code, brighter the further away.
  func picture(_ encoding: DepthEncoding) -> Image {
    Image(
      width: width, height: height,
      pixels: millimetres.flatMap { depth in
        let level = UInt8(encoding.code(ofMillimetres: depth) >> 4)
        return [level, level, level]
      })
  }

  /// A PNG file of 16-bit grey, one a millimetre.
  public func png() throws -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(width * height * 2)
    for depth in millimetres {
      let level = UInt16(min(max(depth.isNaN ? 0 : depth, 0), 65535).rounded())
      bytes += [UInt8(level >> 8), UInt8(level & 0xFF)]
    }
    return try PNG.encode(bytes, width: width, height: height, AV_PIX_FMT_GRAY16BE)
  }
}
