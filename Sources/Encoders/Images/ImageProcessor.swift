import Dispatch
public import Torch

/// Turns camera frames into what a vision encoder takes, exactly as the PIL-based processors of
/// `transformers` for CLIP, SigLIP, ViT and DINOv2 do: resize with antialiasing, centre crop,
/// rescale, normalise.
///
/// It runs on the CPU, on as many threads as libtorch has.
public struct ImageProcessor: Sendable, Hashable {
  public let configuration: ImageProcessorConfiguration

  public init(_ configuration: ImageProcessorConfiguration) {
    self.configuration = configuration
  }

  /// Processes frames of one size.
  ///
  /// - Parameter frames: RGB bytes, uint8 [N, H, W, 3], on the CPU.
  /// - Returns: float32 [N, 3, height, width], by ``ImageProcessorConfiguration/outputSize``.
  public func callAsFunction(_ frames: Tensor) -> Tensor {
    let shape = frames.shape
    require(
      shape.count == 4 && shape[3] == 3 && frames.dtype == .uint8 && frames.device == .cpu,
      "ImageProcessor: frames are \(frames.dtype) \(shape) on \(frames.device), "
        + "wanted uint8 [N, H, W, 3] on cpu")
    let (height, width) = (shape[1], shape[2])
    let output = configuration.outputSize(height: height, width: width)
    let pixels = Tensor.empty([shape[0], 3, output.height, output.width])
    if attemptHasFailed { return pixels }
    let plan = Plan(configuration, height: height, width: width)
    frames.contiguous().withUnsafeBytes { bytes in
      pixels.withUnsafeMutableBytes { floats in
        plan.process(
          bytes.bindMemory(to: UInt8.self), into: floats.bindMemory(to: Float.self),
          count: shape[0])
      }
    }
    return pixels
  }
}

/// What happens to every frame of one size.
private struct Plan: Sendable {
  let resampler: Resampler
  /// Rows and columns of zeros before the image.
  let top: Int, left: Int
  /// Rows and columns of the image, between the zeros.
  let rowCount: Int, columnCount: Int
  let frameBytes: Int
  let output: (height: Int, width: Int)
  /// (byte · factor − mean) / deviation of each byte, channel by channel.
  let table: [Float]

  init(_ configuration: ImageProcessorConfiguration, height: Int, width: Int) {
    let size = configuration.resizedSize(height: height, width: width)
    output = configuration.outputSize(height: height, width: width)
    let rows = Self.centered(size.height, output.height)
    let columns = Self.centered(size.width, output.width)
    resampler = Resampler(
      columns: ResampledAxis(
        input: width, output: size.width, kept: columns.kept, filter: configuration.resample),
      rows: ResampledAxis(
        input: height, output: size.height, kept: rows.kept, filter: configuration.resample),
      rowBytes: width * 3)
    (top, left) = (rows.before, columns.before)
    (rowCount, columnCount) = (rows.kept.count, columns.kept.count)
    frameBytes = height * width * 3
    table = (0..<3).flatMap { channel in
      (0..<256).map { byte in
        let rescaled = Float(Double(byte) * configuration.rescaleFactor)
        return (rescaled - Float(configuration.mean[channel]))
          / Float(configuration.deviation[channel])
      }
    }
  }

  /// The middle of one axis, or the whole of it with zeros before and after.
  private static func centered(_ size: Int, _ length: Int) -> (kept: Range<Int>, before: Int) {
    if size < length { return (0..<size, (length - size + 1) / 2) }
    let start = (size - length) / 2
    return (start..<(start + length), 0)
  }

  func process(
    _ frames: UnsafeBufferPointer<UInt8>, into pixels: UnsafeMutableBufferPointer<Float>,
    count: Int
  ) {
    guard let source = frames.baseAddress, let target = pixels.baseAddress else { return }
    // Frames are independent, so threads write to memory of their own.
    nonisolated(unsafe) let (input, result) = (source, target)
    let threads = max(min(Runtime.threads, count), 1)
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      for frame in stride(from: thread, to: count, by: threads) {
        processOne(
          input + frame * frameBytes, into: result + frame * 3 * output.height * output.width)
      }
    }
  }

  private func processOne(
    _ frame: UnsafePointer<UInt8>, into pixels: UnsafeMutablePointer<Float>
  ) {
    let plane = output.height * output.width
    table.withUnsafeBufferPointer { table in
      if rowCount < output.height || columnCount < output.width {
        for channel in 0..<3 {
          (pixels + channel * plane).update(repeating: table[channel * 256], count: plane)
        }
      }
      resampler.forEachRow(of: frame) { y, row in
        for channel in 0..<3 {
          let line = pixels + channel * plane + (top + y) * output.width + left
          for x in 0..<columnCount { line[x] = table[channel * 256 + Int(row[x * 3 + channel])] }
        }
      }
    }
  }
}
