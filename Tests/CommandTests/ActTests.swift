import Foundation
import Testing

/// A trained policy as a filter from observations to actions.
@Suite struct ActTests {
  private let train = ["train", "--config", "recap.yaml", "--device", "cpu"]
  private let picture = Command.repository + "/Examples/frame.png"

  private func actions(_ result: Result) throws -> [[[Double]]] {
    try result.output.split(separator: "\n").map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as! [String: Any]
      return object["actions"] as! [[Double]]
    }
  }

  @Test func oneLineForEachObservation() throws {
    let place = try Workplace()
    #expect(try Command.run(train, in: place).status == 0)
    let base64 = try Data(contentsOf: URL(fileURLWithPath: picture)).base64EncodedString()
    let instruction = "\"instruction\": \"Push the T block.\""
    let lines = [
      "{\"images\": {\"observation.image\": \"\(picture)\"}, \(instruction)}",
      "{\"image\": \"\(base64)\", \(instruction)}",
      "{\"image\": \"data:image/png;base64,\(base64)\", \(instruction)}",
      "",
      "{\"image\": \"\(picture)\", \"instruction\": \"Push the grey T block away.\"}",
    ]
    let acted = try Command.run(
      ["act", "--checkpoint", "run"], in: place, input: lines.joined(separator: "\n") + "\n")
    try #require(acted.status == 0, "\(acted.errors)")
    let found = try actions(acted)
    try #require(found.count == 4)
    #expect(found.allSatisfy { $0.count == 1 && $0[0].count == 2 })
    // Actions are pixels again, not standard deviations.
    #expect(found[0][0].allSatisfy { $0 > 20 && $0 < 500 })
    #expect(found[1] == found[0] && found[2] == found[0])
    #expect(found[3] != found[0])
    // The advantage it is conditioned on matters, and 1 is the default after autonomous training.
    func conditioned(_ advantage: String) throws -> [[[Double]]] {
      try actions(
        Command.run(
          ["act", "--checkpoint", "run", "--advantage", advantage], in: place, input: lines[0]))
    }
    #expect(try conditioned("1")[0] == found[0])
    #expect(try conditioned("-2")[0] != found[0])
  }

  @Test(arguments: [
    ("[1]", "not a JSON object"), ("{\"image\": \"none.png\"}", "neither a picture's path"),
    ("{\"images\": {\"other\": \"none.png\"}}", "no picture of camera 'observation.image'"),
    ("{\"picture\": \"a\"}", "unknown key 'picture'"),
  ])
  func whatIsNoObservation(line: String, problem: String) throws {
    let place = try Workplace()
    #expect(
      try Command.run(train + ["--set", "training.autonomous_epochs=0"], in: place).status == 0)
    let acted = try Command.run(["act", "--checkpoint", "run"], in: place, input: line + "\n")
    #expect(acted.status == 1 && acted.output.isEmpty)
    #expect(acted.errorLines.count == 1)
    #expect(acted.errors.hasPrefix("recap: error: standard input, line 1: "))
    #expect(acted.errors.contains(problem), "\(acted.errors)")
  }
}
