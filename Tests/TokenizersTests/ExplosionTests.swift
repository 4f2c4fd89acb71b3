import Foundation
import Testing

import Tokenizers

/// Expressions and replacements of a file's own whose time or memory explodes end in one line, soon.
@Suite struct ExplosionTests {
  private func tokenizer(_ parts: String) throws -> Tokenizer {
    try Tokenizer(
      file: try Fixture.write(
        """
        {\(parts), "model": {"type": "BPE", "vocab": {"<unk>": 0, "a": 1, "b": 2}, "merges": [],
         "unk_token": "<unk>"}}
        """))
  }

  private func split(_ pattern: String) -> String {
    "\"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \"\(pattern)\"}, "
      + "\"behavior\": \"Isolated\", \"invert\": false}"
  }

  private func replace(_ pattern: String, _ content: String) -> String {
    "{\"type\": \"Replace\", \"pattern\": \(pattern), \"content\": \"\(content)\"}"
  }

  /// What `body` throws: one line, within seconds.
  private func refusal(_ body: () throws -> Void) -> String {
    let start = ContinuousClock.now
    var text = ""
    do { try body() } catch { text = "\(error)" }
    #expect(ContinuousClock.now - start < .seconds(5))
    #expect(text.hasSuffix("explode.") && !text.contains("\n"), "\(text)")
    return text
  }

  private static let patterns = [
    "(a+)+$", "(a|aa)+[bc]", "(a*)*[bc]", "(?:a|a?)+$", "(.*)(.*)(.*)(.*)[bc]", "a*a*a*a*[bc]",
    "^(a?){40}a{40}$", "(?=(a+)+$)[ax]", "(?<!b)(a+)+[bc]",
  ]

  @Test(arguments: patterns) func anExpression(pattern: String) throws {
    let text = String(repeating: "a", count: 200) + "!"
    let splits = try tokenizer(split(pattern))
    let error = refusal { _ = try splits.encode(text) }
    #expect(
      error.contains("tokenizer.json: the expression '\(pattern)' cannot be used on a text of"))
    #expect(refusal { _ = try splits.encodeFast(text) } == error)
    #expect(refusal { _ = try splits.encodeBatch(["b", text]) } == error)
    let replaces = try tokenizer("\"normalizer\": " + replace("{\"Regex\": \"\(pattern)\"}", "b"))
    #expect(refusal { _ = try replaces.encode(text) }.contains("the expression '\(pattern)'"))
    let joins =
      "{\"type\": \"Sequence\", \"decoders\": [{\"type\": \"Fuse\"}, "
      + replace("{\"Regex\": \"\(pattern)\"}", "b") + "]}"
    let decodes = try tokenizer("\"decoder\": \(joins)")
    let ids = Array(repeating: 1, count: 200) + [0]
    #expect(refusal { _ = try decodes.decode(ids) }.contains("the expression '\(pattern)'"))
    // A text that it does not explode on is as before.
    #expect(try splits.encode("b").ids == [2])
  }

  @Test func anExpressionThatIsPatientIsNot() throws {
    let length = 100_000
    let text = String(repeating: "a", count: length)
    for pattern in ["(?:a|b)+", "[ab]+?(?=$)", "a{1,3}", "(a)(b)?", "[^b]+"] {
      #expect(try tokenizer(split(pattern)).encodeFast(text).ids.count == length)
    }
    let spaces = String(repeating: " ", count: 3000) + "b"
    #expect(try tokenizer(split("[ \\\\t]+$")).encodeFast(spaces).ids.last == 2)
  }

  @Test func aReplacementThatGrowsAndGrows() throws {
    let tenfold = replace("{\"String\": \"a\"}", "aaaaaaaaaa")
    let sequence = Array(repeating: tenfold, count: 12).joined(separator: ", ")
    func normalizes(_ steps: String) -> String {
      "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [\(steps)]}"
    }
    let grows = try tokenizer(normalizes(sequence))
    #expect(
      refusal { _ = try grows.encode("aaa") }
        .contains("tokenizer.json: a text of 3 bytes becomes one of more than 1120 by what"))
    let long = String(repeating: "a", count: 100_000)
    let prepends = "{\"type\": \"Prepend\", \"prepend\": \"\(long)\"}"
    let front = try tokenizer(normalizes("\(prepends), \(prepends)"))
    _ = refusal { _ = try front.encodeFast("a") }
    let spaces = try tokenizer(
      "\"pre_tokenizer\": {\"type\": \"Metaspace\", \"replacement\": \"\(long)\"}")
    _ = refusal { _ = try spaces.encodeFast(" a a a a") }
    let decoders = Array(repeating: replace("{\"String\": \"a\"}", "aa"), count: 40)
      .joined(separator: ", ")
    let decodes = try tokenizer(
      "\"decoder\": {\"type\": \"Sequence\", \"decoders\": [\(decoders)]}")
    #expect(refusal { _ = try decodes.decode([1, 1]) }.contains("the decoder's replacements make"))
    // An added token is normalised when the file is read.
    _ = refusal {
      _ = try tokenizer(
        normalizes(sequence) + ", \"added_tokens\": [{\"content\": \"aa\", \"id\": 3}]")
    }
  }

  /// The most that Unicode's forms make of a text, spelled in the byte alphabet.
  @Test func whatUnicodeMakesOfATextIsNoExplosion() throws {
    let longest = try tokenizer(
      "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"NFKC\"}, "
        + "{\"type\": \"ByteLevel\"}]}")
    let text = String(repeating: "\u{FDFA}", count: 1000)
    #expect(try longest.encodeFast(text).ids.count == 33_000)
  }

  @Test func whatIsEmptyCannotBeLookedFor() {
    for part in [
      "{\"type\": \"BPEDecoder\", \"suffix\": \"\"}",
      "{\"type\": \"CTC\", \"pad_token\": \"\", \"word_delimiter_token\": \"|\"}",
    ] {
      #expect(throws: TokenizerError.self) { try tokenizer("\"decoder\": \(part)") }
    }
  }

  @Test func whatAFileSaysIsQuotedInPart() throws {
    var text = ""
    let long = String(repeating: "(", count: 100_000)
    do { _ = try tokenizer(split(long)) } catch { text = "\(error)" }
    #expect(text.contains("((((") && text.contains("…") && text.utf8.count < 2000)
  }

  @Test func aPipeIsNotWaitedFor() throws {
    let folder = (try Fixture.write("{}", name: "config.json") as NSString)
      .deletingLastPathComponent
    for name in ["tokenizer.json", "vocab.txt"] {
      #expect(mkfifo("\(folder)/\(name)", 0o600) == 0)
      var text = ""
      do { _ = try Tokenizer(folder: folder) } catch { text = "\(error)" }
      #expect(text == "\(folder)/\(name): cannot be read; wanted a file of a tokenizer's.")
      unlink("\(folder)/\(name)")
    }
  }
}
