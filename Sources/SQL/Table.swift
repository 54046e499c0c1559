/// A table, as the catalogue of the database tells of it.
package struct Table: Sendable, Equatable {
    package let name: String
    package var columns: [Column]

    package init(name: String, columns: [Column]) {
        self.name = name
        self.columns = columns
    }

    /// The columns as a statement lists them.
    package var columnList: String { columns.map { "\"\($0.name)\"" }.joined(separator: ", ") }

    /// The same columns, in whatever order.
    package func hasColumns(of other: Table) -> Bool {
        columns.count == other.columns.count && columns.allSatisfy(other.columns.contains)
    }

    /// Whether rows are numbered: they have an id that the database gives by itself, ever greater.
    package var isNumbered: Bool { columns.contains(Column(name: "id", kind: .integer)) }
}

package struct Column: Sendable, Equatable {
    /// What its values are, other than NULL.
    package enum Kind: Sendable {
        case integer
        case real
        case text
        case blob
    }

    package let name: String
    package let kind: Kind

    package init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

/// Bytes that a column for text holds and that are none: another program wrote them.
package struct InvalidTextError: Error, Sendable, Equatable {
    package let table: String
    package let column: String

    package init(table: String, column: String) {
        self.table = table
        self.column = column
    }
}

/// A row refers to one that is not there.
package struct UnmatchedReferenceError: Error, Sendable, Equatable {
    /// Which table refers to which.
    package let reference: String

    package init(reference: String) { self.reference = reference }
}

extension Table {
    /// The tables to which these columns belong, both in the order in which they come.
    package static func grouped(_ columns: [(table: String, column: Column)]) -> [Table] {
        columns.reduce(into: []) { tables, entry in
            if tables.last?.name == entry.table {
                tables[tables.count - 1].columns.append(entry.column)
            } else {
                tables.append(Table(name: entry.table, columns: [entry.column]))
            }
        }
    }
}
