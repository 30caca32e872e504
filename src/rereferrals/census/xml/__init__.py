"""Census returns as XML: two readers that agree row for row, and a writer.

`plain` is fast and reads plain text only; `stream` reads everything; `write` turns a store's returns back to XML.
`tree` says where each table and column of the schema sits in the XML.
"""
