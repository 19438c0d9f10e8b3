#ifndef GRADMATCH_TOOLS_GRADMATCH_LISTING_H_
#define GRADMATCH_TOOLS_GRADMATCH_LISTING_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "tools/gradmatch/client.h"
#include "tools/gradmatch/terminal.h"

namespace gradmatch {

// Reads page after page of a List method until `limit` items were seen, and
// prints each: as a row of `table`, as a JSON line, or all as one JSON array.
// Gives the exit code. `items` takes the list out of a response; `to_row` adds
// an item to the table.
template <typename Service, typename Request, typename Response, typename Items,
          typename ToRow>
int PrintList(const GlobalOptions& options, Request request, int64_t limit,
              grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                    const Request&, Response*),
              Items items, Table table, ToRow to_row) {
  const Client client(options);
  const bool as_table = options.output == "table";
  const bool as_array = options.output == "json";
  int64_t printed = 0;
  for (int64_t left = limit; left > 0;) {
    request.set_page_size(static_cast<int32_t>(std::min<int64_t>(left, 1000)));
    Response response;
    const absl::Status status = client.Call<Service>(method, request, response);
    if (!status.ok()) return Fail(status);
    for (const auto& item : items(response)) {
      --left;
      if (as_table) {
        to_row(table, item);
      } else if (as_array) {
        std::cout << (printed == 0 ? "[\n" : ",\n") << ToJson(item, true);
      } else {
        PrintJson(item, false);
      }
      ++printed;
    }
    if (response.next_page_token().empty()) break;
    request.set_page_token(response.next_page_token());
  }
  if (as_array) {
    std::cout << (printed == 0 ? "[]\n" : "\n]\n");
  } else if (as_table) {
    std::cout << (table.empty() ? "(none)\n" : table.ToString());
  }
  return kExitOk;
}

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_LISTING_H_
