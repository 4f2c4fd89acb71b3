public import Torch

/// Turns camera frames into what a vision encoder takes, as the PIL-based `CLIPImageProcessor` of
/// `transformers` does: resize with antialiasing, centre crop, rescale, normalise.
///
/// It runs on the CPU. Resized bytes may differ from PIL's by one, where rounding falls otherwise.
public struct CLIPImageProcessor: Sendable, Hashable {
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
    guard shape.count == 4, shape[3] == 3, frames.dtype == .uint8, frames.device == .cpu else {
      fatalError(
        "CLIPImageProcessor: frames are \(frames.dtype) \(shape) on \(frames.device), "
          + "wanted uint8 [N, H, W, 3] on cpu")
    }
    return withoutGradient {
      // A view: colours stay beside each other in memory, which is libtorch's fastest layout here.
      var x = frames.permute(0, 3, 1, 2)  // [N, 3, H, W]
      let size = configuration.resizedSize(height: shape[1], width: shape[2])
      if size != (shape[1], shape[2]) {
        x =
          switch configuration.resample {
          case .bilinear: interpolateBilinearAntialiased(x, height: size.height, width: size.width)
          case .bicubic: interpolateBicubicAntialiased(x, height: size.height, width: size.width)
          }
      }
      if let crop = configuration.crop {
        x = center(x, dim: 2, length: crop.height)
        x = center(x, dim: 3, length: crop.width)
      }
      return normalized(x)
    }
  }

  /// The middle of one dimension, or the whole of it with zeros around.
  private func center(_ x: Tensor, dim: Int, length: Int) -> Tensor {
    let size = x.shape[dim]
    if size >= length { return x.narrow(dim: dim, start: (size - length) / 2, length: length) }
    let before = (length - size + 1) / 2
    let border = [before, length - size - before]
    return x.pad(dim == 3 ? border : [0, 0] + border)  // the last dim first
  }

  /// (x · factor − mean) / deviation, as one multiplication and one addition.
  private func normalized(_ bytes: Tensor) -> Tensor {
    let c = configuration
    let scale = c.deviation.map { Float(c.rescaleFactor / $0) }
    let shift = zip(c.mean, c.deviation).map { Float(-$0 / $1) }
    let x = bytes.contiguous().to(.float32)
    x.mul_(Tensor(scale, shape: [1, 3, 1, 1]))
    x.add_(Tensor(shift, shape: [1, 3, 1, 1]))
    return x
  }
}
