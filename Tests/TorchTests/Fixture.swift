import Foundation
import Testing
import Torch

/// What make_fixtures.py wrote: case name to tensor name to tensor.
let fixture: [String: [String: Stored]] = {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  let data = try! Data(contentsOf: folder.appendingPathComponent("Fixtures/torch.json"))
  return try! JSONDecoder().decode([String: [String: Stored]].self, from: data)
}()

struct Stored: Decodable {
  let shape: [Int]
  let values: [Double]
  var tensor: Tensor { Tensor(values, shape: shape).to(.float32) }
}

/// Element by element: |a − b| ≤ atol + rtol · |b|.
func expectClose(
  _ a: Tensor, _ b: Stored, atol: Double = 1e-6, rtol: Double = 1e-5, _ name: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(a.shape == b.shape, "\(name)", sourceLocation: sourceLocation)
  expectClose(a.doubles, b.values, atol: atol, rtol: rtol, name, sourceLocation: sourceLocation)
}

func expectClose(
  _ a: [Double], _ b: [Double], atol: Double = 1e-6, rtol: Double = 1e-5, _ name: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(a.count == b.count, "\(name)", sourceLocation: sourceLocation)
  for (index, (x, y)) in zip(a, b).enumerated() where !(abs(x - y) <= atol + rtol * abs(y)) {
    Issue.record("\(name)[\(index)]: \(x), expected \(y)", sourceLocation: sourceLocation)
    return
  }
}
