// Code tables that operators import.

#include "index/codes/code_table.h"

#include <string>
#include <string_view>

#include "tests/fuzz/fuzz_target.h"

namespace gradmatch {

// In a table that was taken every code is found, and the way up ends.
void FuzzCodeTable(std::string_view bytes) {
  const auto table = CodeTable::Parse(
      {.system = "x", .version = "1", .display_name = "", .levels = {}},
      std::string(bytes));
  if (!table.ok()) {
    PROMISE(!table.status().message().empty());
    return;
  }
  for (const CodeEntry& entry : (*table)->entries()) {
    PROMISE((*table)->Find(entry.code) != nullptr);
    int32_t level = entry.level;
    for (const CodeEntry* above : (*table)->Ancestors(entry)) {
      PROMISE(above->level < level);
      level = above->level;
    }
  }
  for (const CodeEntry& entry : (*table)->former()) {
    const CodeEntry* now =
        (*table)->Find(entry.code, CodeTable::Former::kFollow);
    PROMISE(now != nullptr && now->successor.empty());
  }
}

}  // namespace gradmatch
