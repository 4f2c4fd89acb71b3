import Foundation
import Testing

/// What a person who debugs a port sees of a tokenizer.
@Suite struct TokenizeTests {
  private let families = Command.repository + "/Tests/TokenizersTests/Fixtures/families"

  @Test func idsThenTokensThenTheWayBack() throws {
    let place = try Workplace()
    let words = ["tokenize", "--model", "\(families)/clip", "red", "up!"]
    let result = try Command.run(words, in: place)
    try #require(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    let ids = try #require(
      try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [Int])
    #expect(ids.count == 5 && ids.first == 0 && ids.last == 1)
    #expect(lines[2].split(separator: " ") == ["id", "token", "text", "at"])
    #expect(lines[4].split(separator: " ") == ["\(ids[1])", "red</w>", "\"red\"", "0..<3"])
    #expect(lines[6].hasSuffix("6..<7"))
    #expect(result.output.contains("tokens   5, 2 of them special\n"))
    #expect(result.output.contains("text     \"red up!\"\ndecoded  \"red up ! \"\n"))
  }

  @Test func aTextFromStandardInputAndAFile() throws {
    let place = try Workplace()
    let result = try Command.run(
      ["tokenize", "--model", "\(families)/gemma/tokenizer.json"], in: place,
      input: "a\tb\u{200D}\n")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.hasPrefix("[2, ") && result.output.hasSuffix("decoded  the same\n"))
    #expect(result.output.contains("text     \"a\\tb\\u{200D}\""))
  }

  @Test func whatIsNoTokenizer() throws {
    let place = try Workplace()
    let result = try Command.run(["tokenize", "--model", "recap.yaml", "a"], in: place)
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(result.errorLines.count == 1)
    #expect(result.errors.hasPrefix("recap: error: recap.yaml: is not JSON: "))
  }
}
