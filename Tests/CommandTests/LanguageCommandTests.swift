import Foundation
import Testing

/// Language, tools and recorded rollouts of LeRobot, through the command.
@Suite struct LanguageCommandTests {
  private func run(_ arguments: String...) throws -> Result {
    let place = try Workplace()
    for name in ["annotated", "other_types", "rollout", "advantage"] {
      try FileManager.default.copyItem(
        atPath: Command.repository + "/Tests/LeRobotTests/Fixtures/language/" + name,
        toPath: place.path + "/" + name)
    }
    var last: Result?
    for line in arguments {
      last = try Command.run(["dataset"] + line.split(separator: " ").map(String.init), in: place)
      #expect(last!.status == 0, "\(line): \(last!.errors)")
    }
    return last!
  }

  @Test func infoAndCheckNameStylesAndTools() throws {
    let info = try run("merge annotated other_types --output merged", "info merged").output
    for line in [
      "language  language_persistent  subtask 6, memory 2, plan 2, task_aug 2 in 4 of 5 episodes\n",
      "language  language_events  interjection 4, vqa 4, calls of say 2 in 4 of 5 episodes\n",
      "tools     say, grip\n",
    ] { #expect(info.contains(line), "\(line) in\n\(info)") }
    #expect(
      try run("check annotated").output
        == """
        language_persistent: subtask 4, memory 2, plan 2, task_aug 2 in 2 of 3 episodes
        language_events: vqa 4, calls of say 2, interjection 2 in 2 of 3 episodes
        annotated: no problems; 15 rows and frames read.

        """)
    #expect(
      try run("info advantage").output.contains(
        "indicator: messages of style 'advantage' in language_persistent (2 episodes), else unlabelled (1)"
      ))
    #expect(try !run("info rollout").output.contains("language"))
  }

  @Test func relabellingToNoneLeavesNoLabel() throws {
    let before = try run("info rollout").output
    #expect(before.contains("success: column next.success, any frame"))
    let after = try run(
      "relabel rollout --set-success none --episodes 0,2 --output relabelled", "info relabelled"
    ).output
    #expect(
      after.contains(
        "success: unlabelled in meta/episodes (2 episodes), else column next.success, any frame (1)"
      ), "\(after)")
    #expect(after.contains("not said         3        1        0           2      12"), "\(after)")
  }
}
