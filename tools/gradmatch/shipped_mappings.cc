#include "tools/gradmatch/shipped_mappings.h"

#include <array>
#include <filesystem>
#include <string_view>

extern "C" {
extern const char gradmatch_mapping_jobs_boards[],
    gradmatch_mapping_jobs_boards_end[];
extern const char gradmatch_mapping_official_positions[],
    gradmatch_mapping_official_positions_end[];
}

namespace gradmatch {
namespace {

struct Shipped {
  std::string_view name;
  std::string_view yaml;
};

std::string_view Between(const char* begin, const char* end) {
  return {begin, static_cast<size_t>(end - begin)};
}

const std::array<Shipped, 2>& All() {
  static const std::array<Shipped, 2> all = {
      {{"jobs_boards", Between(gradmatch_mapping_jobs_boards,
                               gradmatch_mapping_jobs_boards_end)},
       {"official_positions",
        Between(gradmatch_mapping_official_positions,
                gradmatch_mapping_official_positions_end)}}};
  return all;
}

}  // namespace

absl::StatusOr<PostingMapping> FindMapping(const std::string& name_or_path) {
  std::error_code ignored;
  if (!std::filesystem::exists(name_or_path, ignored)) {
    for (const Shipped& shipped : All()) {
      if (shipped.name == name_or_path) {
        return PostingMapping::Parse(shipped.yaml, shipped.name);
      }
    }
  }
  return PostingMapping::Load(name_or_path);
}

const PostingMapping* GuessMapping(const std::vector<std::string>& columns) {
  static const auto* const mappings = [] {
    auto* parsed = new std::vector<PostingMapping>;
    for (const Shipped& shipped : All()) {
      auto mapping = PostingMapping::Parse(shipped.yaml, shipped.name);
      if (mapping.ok()) parsed->push_back(*std::move(mapping));
    }
    return parsed;
  }();
  const PostingMapping* found = nullptr;
  if (columns.empty()) return nullptr;
  for (const PostingMapping& mapping : *mappings) {
    if (!mapping.CheckColumns(columns).ok()) continue;
    if (found != nullptr) return nullptr;
    found = &mapping;
  }
  return found;
}

}  // namespace gradmatch
