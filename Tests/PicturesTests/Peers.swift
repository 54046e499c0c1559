import Foundation
import Threading

/// A program that reads or rasterises pictures; input and output go through its standard streams.
struct Tool {
    static let rsvg = Tool(path: "/usr/bin/rsvg-convert")
    static let zbar = Tool(path: "/usr/bin/zbarimg")
    static let convert = Tool(path: "/usr/bin/convert")

    let path: String

    var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// Input goes by way of a file: a pipe that nobody empties meanwhile would fill.
    func run(_ arguments: [String], input: Data) throws -> Data {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("picture-\(UUID())")
        try input.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let output = Pipe()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return data
    }
}

/// Runs `work` once on each of so many threads, all at the same time, and waits for them.
func onThreads<Result: Sendable>(_ count: Int, _ work: @escaping @Sendable (Int) -> Result) -> [Result] {
    let results = Monitor<[Int: Result]>([:])
    let done = DispatchGroup()
    for number in 0..<count {
        done.enter()
        let thread = Thread { @Sendable in
            let result = work(number)
            results.withLock { $0[number] = result }
            done.leave()
        }
        thread.start()
    }
    done.wait()
    let all = results.withLock { $0 }
    return (0..<count).compactMap { all[$0] }
}
