#ifndef GRADMATCH_SERVER_ERROR_ENTRIES_H_
#define GRADMATCH_SERVER_ERROR_ENTRIES_H_

#include <vector>

#include "server/error_registry.h"

namespace gradmatch {

// A part of the table of error_registry.h: what is about limits, time and the
// state of the server, its data and their snapshots. Others ask ErrorRegistry.
std::vector<ErrorEntry> StateErrors();

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_ERROR_ENTRIES_H_
