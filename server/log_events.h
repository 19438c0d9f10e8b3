#ifndef GRADMATCH_SERVER_LOG_EVENTS_H_
#define GRADMATCH_SERVER_LOG_EVENTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "server/log.h"

namespace gradmatch {

// Every event that the log may tell of: what it means and what to do about it.
// A test compares the table with the code, so that an operator may count on it.
// Whoever reads the log by machine may count on this as well: an event keeps
// its name and its component for good; fields may be added to it.
struct LogEvent {
  std::string_view component;
  std::string_view event;
  LogLevel level;            // the highest it comes with
  std::string_view meaning;  // one line
  std::string_view advice;   // empty: nothing is to be done
};
const std::vector<LogEvent>& LogEvents();

// A field as it stands in a line: as text in quotes, or as a number.
struct LogFieldEntry {
  LogField field;
  bool number;
  std::string_view meaning;
};
const std::vector<LogFieldEntry>& LogFieldEntries();

// The page server/log_events.md.
std::string LogEventsPage();

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_LOG_EVENTS_H_
