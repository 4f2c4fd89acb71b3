import Encoders
import Foundation
import Testing
import Torch

/// A folder that Benchmarks/peer/make_encoders.py wrote: ViT-B/32 and BERT-base, 800 MB.
private let fullSize = ProcessInfo.processInfo.environment["RECAP_FULL_SIZE"]

@Suite(.serialized, .enabled(if: fullSize != nil, "RECAP_FULL_SIZE names no folder"))
struct FullSizeTests {
  @Test func visionMatchesPyTorch() throws {
    let folder = try #require(fullSize)
    let model = try Vision.load(folder + "/vision", seed: 0).model
    let expected = try Safetensors.load(folder + "/vision-expected.safetensors")
    let pixels = try #require(expected["pixel_values"])
    let output = withoutGradient { model(pixels) }
    let last = try #require(expected["last_hidden_state"])
    expectClose(output.lastHiddenState, last, tolerance: 1e-4)
    expectClose(output.pooled, try #require(expected["pooled"]), tolerance: 1e-4)
    let features = withoutGradient { model.features(pixels) }
    expectClose(features, last.select(dim: 1, index: 0), tolerance: 1e-4)
  }

  @Test func textMatchesPyTorch() throws {
    let folder = try #require(fullSize)
    let model = try Text.load(folder + "/text", seed: 0).model
    let expected = try Safetensors.load(folder + "/text-expected.safetensors")
    let ids = try #require(expected["input_ids"])
    let output = withoutGradient { model(ids, mask: expected["attention_mask"]) }
    expectClose(
      output.lastHiddenState, try #require(expected["last_hidden_state"]), tolerance: 1e-4)
    expectClose(
      try #require(output.pooled), try #require(expected["pooled"]), tolerance: 1e-4)
  }

  /// Prints what encoding costs; Benchmarks/peer/encode_floor.py has PyTorch's figure.
  @Test func costOfAFrame() throws {
    let folder = try #require(fullSize)
    var start = ContinuousClock.now
    let vision = try Vision.load(folder + "/vision", seed: 0)
    print("load vision: \(start.duration(to: .now))")
    start = .now
    _ = try Text.load(folder + "/text", seed: 0)
    print("load text: \(start.duration(to: .now))")

    // CPU time too: on a machine that others use, it is the steadier of the two.
    func measure(_ name: String, frames: Int, _ body: () -> Void) {
      body()
      let best = (0..<3).map { _ in
        let (start, cpu) = (ContinuousClock.now, clock())
        body()
        let seconds = Double(clock() - cpu) / Double(CLOCKS_PER_SEC) / Double(frames)
        return (wall: start.duration(to: .now) / Double(frames), cpu: seconds)
      }.min { $0.cpu < $1.cpu }!
      print("\(name): \(best.wall) a frame, \(best.cpu) s of CPU")
    }
    let count = 32
    let frames = Tensor.zeros([count, 480, 640, 3], dtype: .uint8)
    measure("process \(count) frames of 640x480", frames: count) { _ = vision.processor(frames) }
    let pixels = Tensor.randn([count, 3, 224, 224], generator: Generator(seed: 0))
    withoutGradient {
      measure("every token, batch \(count)", frames: count) { _ = vision.model(pixels) }
      for batch in [1, 8, 16, 32] {
        let part = pixels.narrow(dim: 0, start: 0, length: batch)
        measure("features, batch \(batch)", frames: batch) { _ = vision.model.features(part) }
      }
    }
  }
}
