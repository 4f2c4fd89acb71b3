import Foundation
import Testing

import Tracking

@Suite struct JSONLinesTests {
  let scratch = Scratch()
  var path: String { scratch.path + "/runs/metrics.jsonl" }

  func open(after step: Int? = nil, time: Double = 1.5) throws -> JSONLines {
    try JSONLines(path: path, resumingAfter: step, now: { time })
  }

  func record(_ step: Int, _ values: (name: String, value: Double)...) -> MetricRecord {
    MetricRecord(stage: "demonstrations", globalStep: step, values: values)
  }

  @Test func aRecordIsALine() throws {
    let lines = try open()
    try lines.log(record(7, ("train/demo_loss", 0.1), ("train/step", 7), ("a \"b\"\n", 1e-7)))
    try lines.log(record(8, ("nan", .nan), ("inf", -.infinity), ("big", 1e300)))
    #expect(
      try scratch.read("runs/metrics.jsonl") == #"""
        {"_timestamp":1.5,"stage":"demonstrations","global_step":7,"train/demo_loss":0.1,"train/step":7,"a \"b\"\n":1e-07}
        {"_timestamp":1.5,"stage":"demonstrations","global_step":8,"nan":null,"inf":null,"big":1e+300}

        """#)
  }

  @Test func aResumedFileIsThatOfAnUninterruptedRun() throws {
    func log(_ steps: ClosedRange<Int>, _ lines: JSONLines) throws {
      for step in steps { try lines.log(record(step, ("loss", 1 / Double(step)))) }
    }
    try log(1...9, try open())
    let whole = try scratch.read("runs/metrics.jsonl")
    try log(1...6, try open())
    // Killed while line 7 was being written, with a checkpoint of step 4.
    let cut = try scratch.read("runs/metrics.jsonl") + "{\"_timestamp\":1.5,\"sta"
    try Data(cut.utf8).write(to: URL(fileURLWithPath: path))
    try log(5...9, try open(after: 4))
    #expect(try scratch.read("runs/metrics.jsonl") == whole)
    // A new run begins anew.
    try log(1...1, try open())
    #expect(try scratch.read("runs/metrics.jsonl").split(separator: "\n").count == 1)
    // Resuming without a file is no error.
    try FileManager.default.removeItem(atPath: path)
    try log(5...5, try open(after: 4))
    #expect(try scratch.read("runs/metrics.jsonl").split(separator: "\n").count == 1)
  }

  @Test func whatIsNotALogIsLeftAlone() throws {
    try log("not metrics\n")
    #expect(throws: TrackingError.self) { try open(after: 3) }
    do { _ = try open(after: 3) } catch {
      #expect("\(error)".hasPrefix("\(path): line 1 is not a record of metrics"))
    }
    #expect(try scratch.read("runs/metrics.jsonl") == "not metrics\n")
    #expect(throws: (any Error).self) { try JSONLines(path: "/dev/null/x/metrics.jsonl") }
  }

  private func log(_ text: String) throws {
    _ = try open()
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }
}
