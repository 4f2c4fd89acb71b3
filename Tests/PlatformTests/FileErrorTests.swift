import Platform
import Testing

struct FileErrorTests {
  @Test func saysWhatTheSystemSays() {
    let error = FileError("a/b", "cannot be written: \(errorText(28))")
    #expect(error.description == "a/b: cannot be written: no space left on device")
  }
}
