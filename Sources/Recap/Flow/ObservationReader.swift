internal import PolicyInterface
internal import Torch

/// Turns what robots perceive into what a flow policy or its value function reads.
final class ObservationReader {
  private let model: FlowModel
  private let encoders: FlowEncoders
  /// Tokens of the last instructions: robots are seldom told something new.
  private var instructions: (texts: [String], tokens: Tensor, mask: [Bool])?

  /// - Parameter encoders: the policy's or the value function's.
  init(_ model: FlowModel, _ encoders: FlowEncoders) {
    self.model = model
    self.encoders = encoders
  }

  /// - Throws: `ObservationError` where an observation lacks a camera or the state, or its instruction holds
  ///   an advantage tag; also where pictures have sizes that processing does not make equal.
  func prefix(_ observations: [Observation]) throws -> PrefixInput {
    try checkPictures(observations)
    let vision = try model.cameras.map { camera in
      try Tensor.cat(
        observations.map { observation in
          let image = try observation.image(camera)
          return encoders.patches(
            image.rgb.withUnsafeBytes {
              encoders.pixels($0, frames: 1, height: image.height, width: image.width)
            })
        })
    }
    let (language, mask) = try tokens(of: observations.map(\.instruction))
    let state = try model.stateDim.map { width in
      Tensor(
        try observations.flatMap { model.normalizedState(try $0.state(width: width)) },
        shape: [observations.count, width], device: model.device)
    }
    return PrefixInput(
      vision: vision.isEmpty ? nil : Tensor.cat(vision, dim: 1), language: language,
      languageMask: mask, state: state)
  }

  /// Every camera of every robot needs as many patches.
  private func checkPictures(_ observations: [Observation]) throws {
    guard let vision = encoders.vision else { return }
    let sizes = try observations.flatMap { observation in
      try model.cameras.map { camera in
        let image = try observation.image(camera)
        let size = try vision.processedSize(frameHeight: image.height, frameWidth: image.width)
        return (camera: camera, size: size)
      }
    }
    if let first = sizes.first, let other = sizes.first(where: { $0.size != first.size }) {
      throw ObservationError(
        description: "pictures of camera '\(other.camera)' become \(other.size.width)x"
          + "\(other.size.height), those of '\(first.camera)' \(first.size.width)x"
          + "\(first.size.height); wanted one size")
    }
  }

  /// Tokens of instructions, [B, L, W], and which are no padding, [B · L].
  private func tokens(of texts: [String]) throws -> (tokens: Tensor, mask: [Bool]) {
    if texts == instructions?.texts { return (instructions!.tokens, instructions!.mask) }
    if let text = texts.first(where: { $0.contains(/(?i)advantage: *(positive|negative)/) }) {
      throw ObservationError(
        description: "instruction '\(text)' holds an advantage tag; wanted the task alone: "
          + "the policy adds the tag itself")
    }
    let (tokens, mask) = try encoders.tokens(texts)
    instructions = (texts, tokens, mask)
    return (tokens, mask)
  }
}

extension Observation {
  /// The picture of a camera.
  func image(_ camera: String) throws -> PolicyInterface.Image {
    if let image = images[camera] { return image }
    throw ObservationError(
      description: "observation has no picture of camera '\(camera)'; it has "
        + (images.isEmpty ? "none" : images.keys.sorted().joined(separator: ", ")))
  }

  /// The state, checked to be of this width.
  func state(width: Int) throws -> [Float] {
    if let state, state.count == width { return state }
    throw ObservationError(
      description: "observation's state has \(state?.count ?? 0) values; wanted \(width)")
  }
}
