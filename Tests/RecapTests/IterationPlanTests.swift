import Foundation
import Mutations
import Recap
import Testing

/// A plan is read as a run writes it, or refused in words.
@Suite struct IterationPlanTests {
  private static let whole = """
    {
      "configuration": "policy:\\n  type: flow\\n",
      "steps": [
        {"name": "pretrain", "inputs": {"demonstrations": "aa"}, "output": "pretrain/checkpoint_demo.pt", "hash": "bb"},
        {"name": "sft", "inputs": {}, "output": "sft/checkpoint_correction.pt", "hash": "cc", "note": "x"},
        {"name": "collect-1", "inputs": {}},
        {"name": "add-1", "inputs": {}},
        {"name": "fit-1", "inputs": {}}
      ]
    }
    """

  /// What is said of a plan, after "… is no plan of `recap iterate`: ".
  private func refusal(_ plan: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("plan-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(plan.utf8).write(to: folder.appendingPathComponent("plan.json"))
    let text = message { _ = try IterationPlan(folder: folder.path)?.tree }
    if text.isEmpty { return "" }
    let (start, end) = (
      "\(folder.path)/plan.json is no plan of `recap iterate`: ",
      "; wanted the file as it was written"
    )
    #expect(text.hasPrefix(start) && text.hasSuffix(end) && !text.contains("\n"), "\(text)")
    return String(text.dropFirst(start.count).dropLast(end.count))
  }

  @Test func asItWasWritten() throws {
    #expect(try refusal(Self.whole) == "")
    #expect(try refusal(Self.whole.replacing(", \"note\": \"x\"", with: ", \"note\": null")) == "")
  }

  @Test(arguments: [
    (#""steps": []"#, "step pretrain is missing"),
    (#""step": []"#, "it is without steps"),
    (#""steps": {}"#, "it is of the wrong type at steps"),
    (#""steps": [{"name": "pretrain"}]"#, "it is without inputs at steps.1"),
    (#""steps": [{"name": 3, "inputs": {}}]"#, "it is of the wrong type at steps.1.name"),
    (
      #""steps": [{"name": "pretrain", "inputs": {}}, {"name": "pretrain", "inputs": {}}]"#,
      "step pretrain is there twice"
    ),
    (
      #""steps": [{"name": "sft", "inputs": {}}, {"name": "pretrain", "inputs": {}}]"#,
      "step 'sft' is not where a run has it"
    ),
    (
      #""steps": [{"name": "pretrain", "inputs": {}}, {"name": "sft", "inputs": {}}, {"name": "x", "inputs": {}}]"#,
      "step 'x' is not where a run has it"
    ),
    (
      #""steps": [{"name": "pretrain", "inputs": {}, "output": "a.pt"}, {"name": "sft", "inputs": {}}]"#,
      "step pretrain is done and has no hash"
    ),
    (
      #""steps": [{"name": "pretrain", "inputs": {}, "hash": "a"}, {"name": "sft", "inputs": {}}]"#,
      "step pretrain is done and has no output"
    ),
    (
      #""steps": [{"name": "pretrain", "inputs": {}, "hash": "a", "output": "../../etc/passwd"}, {"name": "sft", "inputs": {}}]"#,
      "step pretrain has the output '../../etc/passwd', which is outside of the run's folder"
    ),
    (
      #""steps": [{"name": "pretrain", "inputs": {}, "hash": "a", "output": "/etc/passwd"}, {"name": "sft", "inputs": {}}]"#,
      "step pretrain has the output '/etc/passwd', which is outside of the run's folder"
    ),
    (
      #""later": 1, "steps": [{"name": "pretrain", "inputs": {}}, {"name": "sft", "inputs": {}}]"#,
      "the key later is not known"
    ),
    (
      #""steps": [{"name": "pretrain", "inputs": {}, "x": 1}, {"name": "sft", "inputs": {}}]"#,
      "the key x is not known"
    ),
  ])
  func whatIsNotAPlan(_ members: String, _ wanted: String) throws {
    #expect(try refusal("{\(members)}") == wanted)
  }

  @Test func whatIsNotEvenJSON() throws {
    for text in ["", "{", "[]", "3", "{\"steps\": [NaN]}"] {
      #expect(try !refusal(text).isEmpty, "\(text)")
    }
  }

  @Test func mutants() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("plan-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var mutation = Mutation(seed: mutationSeed)
    let mutants =
      try forgedJSON(Self.whole, count: mutantCount(300))
      + (0..<mutantCount(300)).map { _ in mutation.mutant(of: Array(Self.whole.utf8)) }
    let refused = try refusals(of: mutants, at: folder.appendingPathComponent("plan.json")) {
      guard let plan = try IterationPlan(folder: folder.path) else { return }
      #expect(plan.tree.hasPrefix("pretrain") && plan.steps.count >= 2)
    } complain: {
      Issue.record("\($0)")
    }
    print("plans: \(mutants.count) mutants, \(refused) refused")
    #expect(refused > mutants.count / 2 && refused < mutants.count)
  }
}
