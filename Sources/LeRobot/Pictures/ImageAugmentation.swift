/// Random changes of pictures for training, as LeRobot 0.6.1 defines them
/// (`ImageTransformsConfig`): some of a list of adjustments, each by a random amount.
///
/// The distribution is LeRobot's; the numbers drawn are our own, since PyTorch's generator is not
/// rebuilt here. A draw depends on its seed and numbers alone, not on threads or order.
public struct ImageAugmentation: Sendable, Equatable {
  /// One kind of adjustment and the range of its amount.
  public enum Kind: Sendable, Equatable {
    /// Factor of every value; 1 changes nothing.
    case brightness(ClosedRange<Double>)
    /// Factor of the distance to the picture's mean luma.
    case contrast(ClosedRange<Double>)
    /// Factor of the distance to the pixel's luma.
    case saturation(ClosedRange<Double>)
    /// Turns around the colour circle, −0.5 to 0.5; 0 changes nothing.
    case hue(ClosedRange<Double>)
    /// Factor of the distance to the blurred picture.
    case sharpness(ClosedRange<Double>)
    /// Rotation in degrees and the greatest shift as shares of width and height.
    case affine(degrees: ClosedRange<Double>, shiftX: Double, shiftY: Double)
  }

  /// A kind and how often it is chosen, in proportion to the other weights; 0 is never.
  public struct Choice: Sendable, Equatable {
    public var kind: Kind
    public var weight: Double

    public init(_ kind: Kind, weight: Double = 1) {
      guard weight >= 0, weight.isFinite else { fatalError("\(weight) is not a weight") }
      self.kind = kind
      self.weight = weight
    }
  }

  /// What is chosen from, in the order in which it is applied.
  public var choices: [Choice]
  /// How many of them are applied to a picture, none twice; all where there are fewer.
  public var count: Int
  /// Apply in the order of drawing instead.
  public var isRandomOrder: Bool

  /// LeRobot's defaults: three of six kinds, in order.
  public init(
    choices: [Choice] = ImageAugmentation.defaultChoices, count: Int = 3,
    isRandomOrder: Bool = false
  ) {
    self.choices = choices
    self.count = count
    self.isRandomOrder = isRandomOrder
  }

  /// LeRobot's six kinds with their ranges, equally weighted.
  public static let defaultChoices = [
    Choice(.brightness(0.8...1.2)), Choice(.contrast(0.8...1.2)), Choice(.saturation(0.5...1.5)),
    Choice(.hue(-0.05...0.05)), Choice(.sharpness(0.5...1.5)),
    Choice(.affine(degrees: -5...5, shiftX: 0.05, shiftY: 0.05)),
  ]

  /// Draws the adjustments for one sample and camera; frames of one window share them, as in LeRobot.
  ///
  /// - Parameters:
  ///   - seed: of the run.
  ///   - sample: the sample's number in the run, so that another epoch draws anew.
  ///   - camera: the camera's number.
  public func draw(seed: Int, sample: Int, camera: Int = 0) -> [ImageAdjustment] {
    var generator = SplitMix64(seed: seed, purpose: 0x1a6e, sample, camera)
    var left = choices.indices.filter { choices[$0].weight > 0 }
    var chosen: [Int] = []
    while chosen.count < count, !left.isEmpty {
      let total = left.reduce(0) { $0 + choices[$1].weight }
      var point = generator.uniform(0...total)
      let position =
        left.firstIndex {
          point -= choices[$0].weight
          return point < 0
        } ?? left.count - 1
      chosen.append(left.remove(at: position))
    }
    if !isRandomOrder { chosen.sort() }
    return chosen.map { ImageAdjustment(choices[$0].kind, &generator) }
  }
}

/// One change of a picture by a known amount; amounts as in ``ImageAugmentation/Kind``.
public enum ImageAdjustment: Sendable, Equatable {
  case brightness(Double)
  case contrast(Double)
  case saturation(Double)
  case hue(Double)
  case sharpness(Double)
  /// Degrees, and shares of width and height, rounded to whole pixels.
  case affine(degrees: Double, shiftX: Double, shiftY: Double)

  fileprivate init(_ kind: ImageAugmentation.Kind, _ generator: inout SplitMix64) {
    switch kind {
    case .brightness(let range): self = .brightness(generator.uniform(range))
    case .contrast(let range): self = .contrast(generator.uniform(range))
    case .saturation(let range): self = .saturation(generator.uniform(range))
    case .hue(let range): self = .hue(generator.uniform(range))
    case .sharpness(let range): self = .sharpness(generator.uniform(range))
    case .affine(let degrees, let x, let y):
      self = .affine(
        degrees: generator.uniform(degrees), shiftX: generator.uniform(-x...x),
        shiftY: generator.uniform(-y...y))
    }
  }
}

extension SplitMix64 {
  /// A number of a range, evenly distributed; the same on every version of Swift.
  fileprivate mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    let share = Double(next() >> 11) * 0x1p-53
    return range.lowerBound + (range.upperBound - range.lowerBound) * share
  }
}
