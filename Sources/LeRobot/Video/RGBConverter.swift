import CFFmpeg

/// What makes RGB of decoded frames.
protocol FrameConverter {
  /// Writes a frame as [height, width, 3] to `destination`; false when its format cannot be converted.
  func convert(_ frame: UnsafePointer<AVFrame>, to destination: UnsafeMutablePointer<UInt8>) -> Bool
}

/// Converts decoded frames to packed 8-bit RGB by swscale with its default (bicubic) flags: the
/// bytes that FFmpeg's own `-pix_fmt rgb24`, PyAV and TorchCodec give.
final class RGBConverter: FrameConverter {
  private var scaler = cff_scaler(raw: nil)
  private var shape = Shape(width: 0, height: 0, format: -1, space: -1, range: -1)
  private var padded: UnsafeMutableBufferPointer<UInt8>?

  private struct Shape: Equatable {
    var width, height, format, space, range: Int32
  }

  deinit {
    sws_freeContext(scaler.raw)
    padded?.deallocate()
  }

  func convert(_ frame: UnsafePointer<AVFrame>, to destination: UnsafeMutablePointer<UInt8>) -> Bool
  {
    let picture = frame.pointee
    let shape = Shape(
      width: picture.width, height: picture.height, format: picture.format,
      space: Int32(picture.colorspace.rawValue), range: Int32(picture.color_range.rawValue))
    if shape != self.shape {
      guard prepare(shape) else { return false }
      self.shape = shape
    }
    // swscale's vector code works on whole groups of pixels, so rows whose width is not a multiple
    // of 32 go through a padded copy.
    let row = Int(shape.width) * 3
    let height = Int(shape.height)
    guard let padded, let base = padded.baseAddress else {
      return scale(picture, to: destination, stride: row)
    }
    let stride = padded.count / (height + 1)
    guard scale(picture, to: base, stride: stride) else { return false }
    for y in 0..<height {
      (destination + y * row).update(from: base + y * stride, count: row)
    }
    return true
  }

  private func prepare(_ shape: Shape) -> Bool {
    sws_freeContext(scaler.raw)
    padded?.deallocate()
    padded = nil
    scaler = cff_scaler_to_rgb(shape.width, shape.height, shape.format)
    guard scaler.raw != nil else { return false }
    setColors(shape)
    if shape.width % 32 != 0 {
      let stride = (Int(shape.width) * 3 + 127) / 64 * 64
      padded = .allocate(capacity: stride * (Int(shape.height) + 1))
    }
    return true
  }

  /// The stream's own matrix and range, where it names them; swscale assumes BT.601 and TV range.
  private func setColors(_ shape: Shape) {
    var inverse: UnsafeMutablePointer<Int32>?
    var table: UnsafeMutablePointer<Int32>?
    var sourceRange: Int32 = 0, targetRange: Int32 = 0
    var brightness: Int32 = 0, contrast: Int32 = 0, saturation: Int32 = 0
    guard
      sws_getColorspaceDetails(
        scaler.raw, &inverse, &sourceRange, &table, &targetRange, &brightness, &contrast,
        &saturation)
        >= 0
    else { return }
    if shape.range == Int32(AVCOL_RANGE_JPEG.rawValue) { sourceRange = 1 }
    if shape.range == Int32(AVCOL_RANGE_MPEG.rawValue) { sourceRange = 0 }
    sws_setColorspaceDetails(
      scaler.raw, sws_getCoefficients(shape.space), sourceRange, table, targetRange, brightness,
      contrast, saturation)
  }

  private func scale(
    _ frame: AVFrame, to destination: UnsafeMutablePointer<UInt8>, stride: Int
  ) -> Bool {
    let data = frame.data, lines = frame.linesize
    let sources: [UnsafePointer<UInt8>?] = [
      UnsafePointer(data.0), UnsafePointer(data.1), UnsafePointer(data.2), UnsafePointer(data.3),
    ]
    let strides = [lines.0, lines.1, lines.2, lines.3]
    let targets: [UnsafeMutablePointer<UInt8>?] = [destination, nil, nil, nil]
    let targetStrides: [Int32] = [Int32(stride), 0, 0, 0]
    return sws_scale(scaler.raw, sources, strides, 0, frame.height, targets, targetStrides)
      == frame.height
  }
}
