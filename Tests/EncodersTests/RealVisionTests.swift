import Encoders
import Foundation
import Testing
import Torch

/// A folder that Fixtures/make_real_vision.py wrote: DINOv2-small, 90 MB.
private let realVision = ProcessInfo.processInfo.environment["RECAP_REAL_VISION"]

@Suite(.enabled(if: realVision != nil, "RECAP_REAL_VISION names no folder"))
struct RealVisionTests {
  @Test func publishedWeightsGiveWhatTransformersGives() throws {
    let folder = try #require(realVision)
    let vision = try Vision.load(folder + "/dinov2-small", seed: 0)
    let expected = try Safetensors.load(folder + "/expected.safetensors")
    let pixels = vision.processor(try #require(expected["frame"]))
    expectClose(pixels, try #require(expected["pixel_values"]), tolerance: 1e-6, "pixels")
    let output = withoutGradient { vision.model(pixels) }
    let last = try #require(expected["last_hidden_state"])
    expectClose(output.lastHiddenState, last, tolerance: 1e-4, "last")
    expectClose(output.pooled, try #require(expected["pooled"]), tolerance: 1e-4, "pooled")
    let features = withoutGradient { vision.model.features(pixels) }
    expectClose(features, output.pooled, tolerance: 1e-4, "features")
    let independent = try #require(expected["onnx"])
    let off = (output.lastHiddenState - last).abs().max().item()
    let offONNX = (output.lastHiddenState - independent).abs().max().item()
    let largest = last.abs().max().item()
    print("DINOv2-small: off by \(off) of transformers, \(offONNX) of onnxruntime, of \(largest)")
    #expect(offONNX / largest < 1e-3)
  }
}
