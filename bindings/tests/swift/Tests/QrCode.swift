import Foundation
import Latchkey

/// What a camera sees of the code that a program has drawn on its terminal: two modules a character, one above the other.
func picture(_ text: String) -> Frame? {
    let scale = 6
    let rows = text.split(separator: "\n").compactMap { line -> Substring? in
        guard line.hasPrefix("\u{1b}[30;107m"), line.hasSuffix("\u{1b}[0m") else { return nil }
        return line.dropFirst(9).dropLast(4)
    }
    // It is square, but for half a row: while it is being drawn there is nothing to see.
    guard let width = rows.first?.count, rows.count == (width + 1) / 2 else { return nil }
    let modules = rows.flatMap { row in
        [row.map { $0 == "█" || $0 == "▀" }, row.map { $0 == "█" || $0 == "▄" }]
    }
    let luma = modules.flatMap { row in
        let line = row.flatMap { Array(repeating: UInt8($0 ? 0 : 255), count: scale) }
        return (0..<scale).flatMap { _ in line }
    }
    let side = UInt32(width * scale)
    return Frame(width: side, height: UInt32(modules.count * scale), stride: side, luma: Data(luma))
}
