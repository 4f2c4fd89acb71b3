internal import LeRobot
package import Torch

/// What the networks see of frames beside the robot's state.
package protocol FrameFeatures {
  /// Where the networks are.
  var device: Device { get }
  /// The tags' text features; nil without a text encoder.
  var tags: TagFeatures? { get throws }

  /// Patch tokens of frames, [B, N, V]; nil without cameras.
  func vision(_ frames: [(episode: Int, frame: Int)]) throws -> Tensor?

  /// Tokens of the frames' instructions, [B, L, W], and [B · L], false where one is padding; nil without a
  /// text encoder.
  func language(_ frames: [(episode: Int, frame: Int)]) throws -> (tokens: Tensor, mask: [Bool])?
}

/// Of worlds that a state says all about.
package struct StateOnly: FrameFeatures {
  package let device: Device
  package var tags: TagFeatures? { nil }

  package init(device: Device = .cpu) { self.device = device }

  package func vision(_ frames: [(episode: Int, frame: Int)]) -> Tensor? { nil }
  package func language(
    _ frames: [(episode: Int, frame: Int)]
  ) -> (tokens: Tensor, mask: [Bool])? { nil }
}

extension FrameFeatures {
  /// The prefix of frames of an experience.
  package func prefix(
    _ frames: [(episode: Int, frame: Int)], of experience: Experience
  ) throws -> PrefixInput {
    let width = experience.stateWidth
    var state: Tensor?
    if width > 0 {
      var values: [Float] = []
      values.reserveCapacity(frames.count * width)
      for (episode, frame) in frames {
        values += experience.episodes[episode].states[frame * width..<(frame + 1) * width]
      }
      state = Tensor(values, shape: [frames.count, width], device: device)
    }
    let language = try language(frames)
    return PrefixInput(
      vision: try vision(frames), language: language?.tokens, languageMask: language?.mask,
      state: state)
  }
}

extension Experience {
  /// The actions from a frame on, [H · A], and [H], 1 for those of the episode; beyond its end the last one
  /// is repeated, as LeRobot does.
  func chunk(_ frame: (episode: Int, frame: Int), length: Int) -> (
    actions: [Float], isValid: [Float]
  ) {
    let episode = episodes[frame.episode]
    var actions: [Float] = []
    actions.reserveCapacity(length * actionWidth)
    for step in 0..<length {
      let t = min(frame.frame + step, episode.frameCount - 1)
      actions += episode.actions[t * actionWidth..<(t + 1) * actionWidth]
    }
    let isValid = (0..<length).map { frame.frame + $0 < episode.frameCount ? 1 : 0 as Float }
    return (actions, isValid)
  }
}

/// The order in which frames are drawn: each epoch every frame once, shuffled by seed and epoch, and a
/// batch is the next so many, so that a step's batch depends on its number alone.
struct FrameOrder {
  let count: Int
  let batchSize: Int
  let seed: Int
  /// Tells orders of one seed apart.
  let purpose: Int

  /// Places of the batch of a step.
  func batch(_ step: Int) -> [Int] {
    var places: [Int] = []
    var permutation: (epoch: Int, order: Permutation)?
    for place in step * batchSize..<(step + 1) * batchSize {
      let epoch = place / count
      if permutation?.epoch != epoch {
        var generator = SplitMix64(seed: seed, purpose: purpose, epoch)
        permutation = (epoch, Permutation(count: count, using: &generator))
      }
      places.append(permutation!.order[place % count])
    }
    return places
  }
}

/// A generator for one step: what it draws depends on seed, purpose and step alone.
func stepGenerator(seed: Int, purpose: Int, step: Int) -> Generator {
  var mixed = SplitMix64(seed: seed, purpose: purpose, step)
  return Generator(seed: mixed.next() >> 1)
}
