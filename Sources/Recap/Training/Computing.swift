internal import Torch

/// What libtorch could not compute, most often for want of memory: the work, its sizes, what to try.
public struct ComputationError: Error, CustomStringConvertible {
  public let description: String
}

/// Runs work whose memory depends on sizes that the user chose.
///
/// - Parameters:
///   - work: what is done and where, to begin the error with.
///   - remedy: what to try where there is too little memory.
func computing<R>(
  _ work: @autoclosure () -> String, outOfMemory remedy: @autoclosure () -> String,
  _ body: () throws -> R
) throws -> R {
  do {
    return try attempt(body)
  } catch let error as TorchError {
    let reason =
      error.description.hasSuffix(".")
      ? String(error.description.dropLast()) : error.description
    throw ComputationError(
      description: "\(work()): \(reason)" + (error.isOutOfMemory ? "; \(remedy())" : ""))
  }
}

/// Makes the networks that a configuration describes.
func makingNetworks<R>(
  _ configuration: Configuration, on device: Device, _ body: () throws -> R
) throws -> R {
  try computing(
    "networks of \(configuration.networkSizes) on \(device)",
    outOfMemory: "try smaller ones, smaller encoders or another --device", body)
}

extension Configuration {
  /// The keys that decide how large the networks are, with their values.
  var networkSizes: String {
    var sizes: [(key: String, value: Any)] =
      policy.type == .flow
      ? [
        ("policy.width", policy.width), ("policy.expert_width", policy.expertWidth),
        ("policy.layers", policy.layers), ("policy.heads", policy.heads),
        ("policy.head_width", policy.headWidth), ("policy.chunk_length", policy.chunkLength),
        ("value_function.width", valueFunction.width),
        ("value_function.layers", valueFunction.layers),
      ]
      : [
        ("model.hidden_dim", model.hiddenDim),
        ("value_function.hidden_dims", valueFunction.hiddenDims),
      ]
    if let bins = valueFunction.numBins { sizes.append(("value_function.num_bins", bins)) }
    if !model.lora.isEmpty { sizes.append(("model.lora_rank", model.loraRank)) }
    return sizes.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
  }

  /// Refuses a batch of frames that is larger than the machine's memory, by a bound from below: its values
  /// would be gathered before libtorch is asked for anything.
  func checkBatch(states: Int, actions: Int) throws {
    // A fit keeps what goes into a layer's linear maps: 6 widths of each token.
    let token = saturated(policy.layers, policy.expertWidth, 6)
    let frame = saturated(policy.chunkLength, actions + 1 + token) + states
    try check(
      saturated(training.batchFrames, frame, 4),
      "steps of training.batch_frames=\(training.batchFrames) with \(networkSizes)")
  }

  private func check(_ bytes: Int, _ what: String) throws {
    guard bytes > Runtime.hostMemory else { return }
    throw ComputationError(
      description: "\(what) need more than \(bytes >> 30) GiB of memory; this machine has "
        + "\(Runtime.hostMemory >> 30) GiB: try smaller ones")
  }
}
