import Torch

// How every vision transformer here cuts images into tokens and says where they were.
//
// Shapes: B images of H x W pixels, P patches, D = hidden size.

/// How many whole patches an image has, from top to bottom and from left to right.
struct PatchGrid: Equatable {
  let height: Int
  let width: Int
}

extension Conv2d {
  /// The patches of images as tokens, row by row: [B, 3, H, W] -> [B, P, D].
  ///
  /// Pixels to the right of and below the last whole patch are left out.
  func patches(_ pixels: Tensor) -> (tokens: Tensor, grid: PatchGrid) {
    let shape = pixels.shape
    require(
      shape.count == 4 && shape[1] == 3 && shape[2] >= stride && shape[3] >= stride,
      "VisionEncoder: pixels are \(shape), wanted [B, 3, H, W], at least \(stride) each way")
    let grid = PatchGrid(height: shape[2] / stride, width: shape[3] / stride)
    let patches = self(pixels.to(weight.dtype))  // [B, D, grid]
    return (patches.flatten(from: 2, to: 3).transpose(1, 2), grid)
  }
}

/// Learned positions, for images of any size.
///
/// - Parameters:
///   - table: [classes + G · G, D], those of the square images that the model was trained on.
///   - classes: How many come before those of the patches.
///   - resample: [1, D, G, G] to another height and width.
/// - Returns: [classes + P, D]; the table itself where the grid is the trained one.
func positions(
  _ table: Tensor, classes: Int, grid: PatchGrid,
  resample: (Tensor, _ height: Int, _ width: Int) -> Tensor = {
    interpolateBicubic($0, height: $1, width: $2)
  }
) -> Tensor {
  let count = table.shape[0] - classes
  let side = Int(Double(count).squareRoot())
  if grid == PatchGrid(height: side, width: side) { return table }
  let square = table.narrow(dim: 0, start: classes, length: count)
    .reshape([1, side, side, table.shape[1]]).permute(0, 3, 1, 2)
  let resampled = resample(square, grid.height, grid.width).to(table.dtype)
    .flatten(from: 2, to: 3).squeeze(0).transpose(0, 1)  // [P, D]
  return Tensor.cat([table.narrow(dim: 0, start: 0, length: classes), resampled])
}
