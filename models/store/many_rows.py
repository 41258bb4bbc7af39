"""Inserting and deleting many rows: the statement is compiled once, and rows go to the driver as they are.

SQLAlchemy would build every row's parameters anew: over the rows of a year a third of the time spent on them; and to compile
the statement for each single act was a third of what it costs to take one in. More than one row goes to PostgreSQL by COPY:
less than half the time of as many inserts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Table, bindparam, delete, insert
from sqlalchemy.exc import DBAPIError


@lru_cache(maxsize=256)
def _statement(table: Table, dialect: Dialect, columns: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The text of the insert, and the order of its values; no order where the driver takes them by name."""
    compiled = insert(table).compile(dialect=dialect, column_keys=list(columns))
    return str(compiled), tuple(compiled.positiontup or ())


def insert_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all have the same columns. Their values must be what the driver takes: text, int, bool, bytes."""
    if not rows:
        return
    if len(rows) > 1 and connection.dialect.name == "postgresql":
        _copy_rows(connection, table, rows)
        return
    text, order = _statement(table, connection.dialect, tuple(rows[0]))
    values_of = itemgetter(*order) if order else None
    connection.exec_driver_sql(text, one_or_many([values_of(row) if values_of else row for row in rows]))


@lru_cache(maxsize=64)
def _deletion(column: Column[Any], dialect: Dialect) -> tuple[str, bool]:
    """The text of the delete, and whether the driver takes values by place."""
    compiled = delete(column.table).where(column == bindparam("of")).compile(dialect=dialect)
    return str(compiled), bool(compiled.positiontup)


def delete_rows(connection: Connection, column: Column[Any], values: Iterable[str]) -> None:
    """Delete the rows that have one of these values in that column."""
    text, by_place = _deletion(column, connection.dialect)
    rows: list[Any] = [(value,) if by_place else {"of": value} for value in values]
    if rows:
        connection.exec_driver_sql(text, one_or_many(rows))


def one_or_many(rows: Sequence[Any]) -> Any:
    """Parameters as a statement is best given them: one row is one message to a server, a list of one a pipeline of its own."""
    return rows[0] if len(rows) == 1 else rows


def _copy_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """The same by COPY, in the same transaction; errors as every statement raises them."""
    columns = tuple(rows[0])
    text = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
    values_of = itemgetter(*columns)
    database_error = connection.dialect.loaded_dbapi.Error
    cursor: Any = connection.connection.cursor()
    try:
        with cursor, cursor.copy(text) as copied:
            for row in rows:
                copied.write_row(values_of(row))
    except database_error as error:
        raise DBAPIError.instance(text, None, error, database_error, hide_parameters=True) from error
