#ifndef GRADMATCH_TOOLS_SAMPLE_WORLD_H_
#define GRADMATCH_TOOLS_SAMPLE_WORLD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "index/codes/code_table.h"
#include "tools/sample/archetypes.h"
#include "tools/sample/random.h"

namespace gradmatch {

// A source of the sample.
struct SampleSource {
  std::string id;            // "province-42", "campus-1", "site-1"
  std::string display_name;  // says that it is synthetic
  int kind = 0;              // Source.Kind
  int province = -1;         // place in World::provinces; -1: national
};

// A province with its cities and how much happens there.
struct Province {
  const CodeEntry* region = nullptr;
  std::vector<const CodeEntry*> cities;  // the large ones first
  std::vector<const CodeEntry*> schools;
  WeightedPick pick_city;
};

// What the sample draws from: real names and codes of places, majors, functions
// and schools, with weights that make many small places and few large ones. The
// weights are ours, roughly a nation's; nothing in it is a statistic.
// Immutable; all methods may run concurrently.
struct World {
  std::vector<Archetype> archetypes;
  WeightedPick pick_archetype;
  std::vector<Province> provinces;  // 31
  WeightedPick pick_posting_province;
  WeightedPick pick_graduate_province;
  std::vector<SampleSource> sources;  // provinces first, then campuses, sites

  static absl::StatusOr<World> Make();
};

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_SAMPLE_WORLD_H_
