import CFFmpeg
import Foundation

/// Takes LeRobot's 12-bit codes from decoded frames, and makes grey pictures of their upper 8 bits.
///
/// Frames of other formats than gray12le go through swscale, as in PyAV's `to_ndarray(format="gray12le")`, by
/// which LeRobot reads depth.
final class DepthConverter: FrameConverter {
  /// Those of the last frame: [height, width].
  private(set) var codes: [UInt16] = []

  func convert(_ frame: UnsafePointer<AVFrame>, to destination: UnsafeMutablePointer<UInt8>) -> Bool
  {
    let (width, height) = (Int(frame.pointee.width), Int(frame.pointee.height))
    codes = Array(repeating: 0, count: width * height)
    if frame.pointee.format == AV_PIX_FMT_GRAY12LE.rawValue {
      take(frame, width, height, destination)
      return true
    }
    var gray: UnsafeMutablePointer<AVFrame>? = av_frame_alloc()
    defer { av_frame_free(&gray) }
    guard let gray else { return false }
    gray.pointee.format = AV_PIX_FMT_GRAY12LE.rawValue
    guard cff_convert(frame, gray) >= 0 else { return false }
    take(gray, width, height, destination)
    return true
  }

  private func take(
    _ gray: UnsafePointer<AVFrame>, _ width: Int, _ height: Int,
    _ destination: UnsafeMutablePointer<UInt8>
  ) {
    for y in 0..<height {
      let line = UnsafeRawPointer(gray.pointee.data.0!) + y * Int(gray.pointee.linesize.0)
      for x in 0..<width {
        let code = line.loadUnaligned(fromByteOffset: 2 * x, as: UInt16.self).littleEndian
        let (pixel, level) = (y * width + x, UInt8(min(code >> 4, 255)))
        codes[pixel] = code
        for i in 0..<3 { destination[3 * pixel + i] = level }
      }
    }
  }
}
