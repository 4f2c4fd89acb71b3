/// An RGB picture: `height` rows of `width` pixels, three bytes each.
public struct Image: Sendable, Equatable {
  public var width: Int
  public var height: Int
  /// `height · width · 3` bytes, row by row, red first.
  public var rgb: [UInt8]

  /// Wraps pixels; a programming error if `rgb` does not hold `width · height · 3` bytes.
  public init(width: Int, height: Int, rgb: [UInt8]) {
    guard rgb.count == width * height * 3 else {
      fatalError("Image: \(rgb.count) bytes for \(width)x\(height) RGB pixels")
    }
    self.width = width
    self.height = height
    self.rgb = rgb
  }
}

/// What a robot perceives at one instant.
public struct Observation: Sendable, Equatable {
  /// Camera key, as in the dataset the policy was trained on, to its current picture.
  public var images: [String: Image]
  /// Joint positions and the like, in the dataset's units; nil where there are none.
  public var state: [Float]?
  /// The task in words; empty where there is none.
  public var instruction: String

  public init(images: [String: Image], state: [Float]? = nil, instruction: String = "") {
    self.images = images
    self.state = state
    self.instruction = instruction
  }
}
