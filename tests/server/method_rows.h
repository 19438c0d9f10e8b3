#ifndef GRADMATCH_TESTS_SERVER_METHOD_ROWS_H_
#define GRADMATCH_TESTS_SERVER_METHOD_ROWS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gradmatch {

// One method of the API in the matrix of bad input.
struct MethodRow {
  std::string method;  // "PostingService.GetPosting"
  // A right request against the matrix's world, as JSON.
  std::string right;
  // What an empty request is answered with, as Summary() writes it.
  std::string empty;
  // Faults that are no faults here: "path" for every kind, or "kind path", with
  // the words of FaultName. What is output only, what is free text, what is
  // coerced. Paths as FaultsOf writes them; a trailing '*' covers what follows.
  std::vector<std::string> harmless = {};
};
std::span<const MethodRow> MethodRows();

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_METHOD_ROWS_H_
