import Foundation
import Testing

import Hub

@Suite struct HubTests {
  let sandbox = Sandbox()

  func find(
    _ name: String, kind: Hub.Kind = .model, revision: String? = nil,
    environment: [String: String] = [:]
  ) throws -> String {
    let offline = ["HOME": sandbox.url.path, "HF_HUB_OFFLINE": "1"]
    let url = try Hub.folder(
      for: name, kind: kind, revision: revision,
      settings: HubSettings(environment: offline.merging(environment) { $1 }))
    return String(url.path.dropFirst(sandbox.url.path.count + 1))
  }

  func message(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return "(no error)"
  }

  @Test func aFolderIsTakenAsItIs() throws {
    _ = try sandbox.folder("my model")
    #expect(try find(sandbox.url.path + "/my model") == "my model")
    #expect(try find("~/my model") == "my model")
    try sandbox.file("a.txt")
    #expect(message { _ = try find("~/a.txt") } == "~/a.txt is a file; a model is a folder.")
    #expect(message { _ = try find("~/none") }.contains("there is no such folder"))
    #expect(message { _ = try find("./none") }.contains("there is no such folder"))
    #expect(message { _ = try find("a/b/c") }.contains("there is no such folder"))
  }

  @Test func aNameIsFoundByItsReference() throws {
    let base = ".cache/huggingface/hub/models--openai--clip/"
    try sandbox.file(base + "refs/main", "abc\n")
    try sandbox.file(base + "refs/refs/pr/1", "def")
    _ = try sandbox.folder(base + "snapshots/abc")
    _ = try sandbox.folder(base + "snapshots/def")
    #expect(try find("openai/clip") == base + "snapshots/abc")
    #expect(try find("openai/clip", revision: "refs/pr/1") == base + "snapshots/def")
    #expect(try find("openai/clip", revision: "def") == base + "snapshots/def")
    let text = message { _ = try find("openai/clip", revision: "v9") }
    #expect(text.contains("revision v9 is not in") && text.contains("main, refs/pr/1, abc, def"))
    #expect(message { _ = try find("openai/clip", revision: "../x") }.contains("not a revision"))
  }

  @Test func theEnvironmentSaysWhereTheCacheIs() throws {
    func put(_ hub: String) throws {
      try sandbox.file(hub + "/models--o--m/refs/main", "1")
      _ = try sandbox.folder(hub + "/models--o--m/snapshots/1")
    }
    let root = sandbox.url.path
    for hub in ["a", "b/hub", "c/huggingface/hub"] { try put(hub) }
    var environment = ["XDG_CACHE_HOME": root + "/c"]
    #expect(try find("o/m", environment: environment).hasPrefix("c/"))
    environment["HF_HOME"] = "~/b"
    #expect(try find("o/m", environment: environment).hasPrefix("b/"))
    environment["HF_HUB_CACHE"] = root + "/a"
    #expect(try find("o/m", environment: environment).hasPrefix("a/"))
  }

  @Test(arguments: [
    ("bert-base-uncased", "google-bert/bert-base-uncased"), ("gpt2", "openai-community/gpt2"),
    ("roberta-base", "FacebookAI/roberta-base"),
  ])
  func anEarlyNameIsFoundInBothSpellings(plain: String, full: String) throws {
    for (there, other) in [(plain, full), (full, plain)] {
      let hub = "hub-" + there.replacing("/", with: "-")
      let base = hub + "/models--" + there.replacing("/", with: "--")
      try sandbox.file(base + "/refs/main", "1")
      _ = try sandbox.folder(base + "/snapshots/1")
      let environment = ["HF_HUB_CACHE": sandbox.url.path + "/" + hub]
      #expect(try find(there, environment: environment) == base + "/snapshots/1")
      #expect(try find(other, environment: environment) == base + "/snapshots/1")
    }
  }

  @Test func aDatasetIsFoundInEitherPlace() throws {
    _ = try sandbox.folder(".cache/huggingface/lerobot/o/d")
    #expect(try find("o/d", kind: .dataset) == ".cache/huggingface/lerobot/o/d")
    let base = "lr/hub/datasets--o--e/"
    try sandbox.file(base + "refs/v2.1", "7")
    _ = try sandbox.folder(base + "snapshots/7")
    let environment = ["HF_LEROBOT_HOME": sandbox.url.path + "/lr"]
    #expect(try find("o/e", kind: .dataset, environment: environment) == base + "snapshots/7")
  }

  @Test func whatIsNowhereSaysHowToGetIt() throws {
    let model = message { _ = try find("bert-base-uncased") }
    #expect(model.contains("\(sandbox.url.path)/.cache/huggingface/hub"))
    #expect(model.contains("`recap download bert-base-uncased`") && !model.contains("\n"))
    #expect(model.contains("HF_HUB_OFFLINE is set"))
    let dataset = message { _ = try find("o/d", kind: .dataset, revision: "v2.1") }
    #expect(dataset.contains("recap download o/d --dataset --revision v2.1"))
    try sandbox.file(".cache/huggingface/hub/models--o--m/refs/main", "gone")
    #expect(message { _ = try find("o/m") }.contains("names commit gone, which is not in"))
  }
}
