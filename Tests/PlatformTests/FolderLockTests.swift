import Foundation
import Platform
import Testing

@Suite struct FolderLockTests {
  @Test func tellsWhoHoldsTheFolder() throws {
    let scratch = try Scratch()
    let descriptor = try scratch.hold(FolderLock.name)
    defer { close(descriptor) }
    try scratch.write("process 7 on robot (recap train --config a.yaml)\n", FolderLock.name)
    #expect(
      message { _ = try FolderLock(scratch.path) }
        == "\(scratch.path): is being written by process 7 on robot (recap train --config a.yaml); "
        + "wait until it is done, stop it, or choose another folder")
  }

  @Test func isThisProcesss() throws {
    let scratch = try Scratch()
    var first: FolderLock? = try FolderLock(scratch.path)
    #expect(first?.remark == nil)
    #expect(try scratch.read(FolderLock.name).hasPrefix("process \(getpid()) on "))
    // Taken again it is shared, and held until the last owner is gone.
    let second = try FolderLock(scratch.path)
    first = nil
    #expect(throws: POSIXError.self) { try scratch.hold(FolderLock.name) }
    withExtendedLifetime(second) {}
  }

  @Test func leavesNothing() throws {
    let scratch = try Scratch()
    do {
      let lock = try FolderLock("\(scratch.path)/a/b")
      #expect(try scratch.names() == ["a"])
      withExtendedLifetime(lock) {}
    }
    #expect(try scratch.names() == [])
    // What a killed process left is taken over.
    try scratch.write("process 7 on robot (recap train)\n", FolderLock.name)
    withExtendedLifetime(try FolderLock(scratch.path)) {}
    #expect(try scratch.names() == [])
  }

  @Test func saysWhereThereAreNoLocks() throws {
    let scratch = try Scratch()
    let lock = try FolderLock(scratch.path) { _ in ENOLCK }
    #expect(
      lock.remark
        == "\(scratch.path): the file system has no locks (no locks available), so that nothing keeps "
        + "a second process from writing there")
  }

  @Test func fourHundredTakersLoseNone() throws {
    let scratch = try Scratch()
    // All of one process: each finds it shared, or takes it anew.
    DispatchQueue.concurrentPerform(iterations: 400) { _ in
      do { withExtendedLifetime(try FolderLock("\(scratch.path)/x")) {} } catch {
        Issue.record("\(error)")
      }
    }
    #expect(try scratch.names() == [])
  }
}

@Suite struct PartialFolderTests {
  @Test func appearsWhole() throws {
    let scratch = try Scratch()
    let folder = try PartialFolder("\(scratch.path)/copy/")
    try Data().write(to: URL(fileURLWithPath: "\(folder.temporary)/file"))
    #expect(try scratch.names() == [".copy.partial"])
    try folder.publish()
    #expect(try scratch.names() == ["copy"])
    #expect(message { _ = try PartialFolder("\(scratch.path)/copy") }.contains("is there already"))
  }

  @Test func goesWhenItIsNotPublished() throws {
    let scratch = try Scratch()
    do {
      let folder = try PartialFolder("\(scratch.path)/copy")
      try Data().write(to: URL(fileURLWithPath: "\(folder.temporary)/file"))
    }
    #expect(try scratch.names() == [])
  }

  @Test func whatAKilledOneLeftIsMadeAnewAndALivingOneIsNamed() throws {
    let scratch = try Scratch()
    let left = "\(scratch.path)/.copy.partial"
    try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
    try scratch.write("old", ".copy.partial/old")
    try scratch.write("process 7 on robot (recap dataset convert)\n", ".copy.partial/.recap.lock")
    do {
      let folder = try PartialFolder("\(scratch.path)/copy")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.temporary) == [FolderLock.name])
    }
    try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
    let descriptor = try scratch.hold(".copy.partial/.recap.lock")
    defer { close(descriptor) }
    #expect(
      message { _ = try PartialFolder("\(scratch.path)/copy") }
        .hasPrefix("\(scratch.path)/copy: is being written by "))
    #expect(FileManager.default.fileExists(atPath: left))
  }
}
