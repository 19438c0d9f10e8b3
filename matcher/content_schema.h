#ifndef GRADMATCH_MATCHER_CONTENT_SCHEMA_H_
#define GRADMATCH_MATCHER_CONTENT_SCHEMA_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "gradmatch/v1/content.pb.h"
#include "index/attributes.h"

namespace gradmatch {

// What matching keeps of a piece of content in memory. The id of its row is its
// resource name, contents/{content}. As for postings the columns are made again
// from the records at every start. Meant for up to 100,000 pieces, which every
// answer scans.

enum ContentScalar : size_t {
  kContentKindColumn,      // ContentKind
  kContentExpireColumn,    // last second shown, as SchemaSecond; max: none
  kContentPublishColumn,   // ChinaDay; 0 not stated
  kContentStartColumn,     // of event or course, as SchemaSecond; 0 none
  kContentEndColumn,       // EndOf, as SchemaSecond; max: none
  kContentOnlineColumn,    // 1: takes place online
  kContentPostingsColumn,  // number of postings that take part
  kContentSandboxColumn,   // 1: of a sandbox source, never shown
  kContentScalarCount,
};

enum ContentSet : size_t {
  kContentAudienceColumn,  // CompileAudience
  kContentPlaceColumn,     // places of event or course; kNotStatedKey if none
  kContentSetCount,
};

// The schema for CatalogOptions::schemas.
const ColumnSchema& ContentSchema();

// Whether content has a row at all: state OPEN.
bool IsSearchable(const v1::Content& content);

// When it takes place; empty for what is no event or course.
const v1::Period& PeriodOf(const v1::Content& content);
// When an event or course is over: at the end of its period or, where only a
// start is given, of that day in China. nullopt without a start and an end.
std::optional<absl::Time> EndOf(const v1::Content& content);
// Where; empty when not stated.
const v1::Location& LocationOf(const v1::Content& content);
bool IsOnline(const v1::Content& content);

// The columns of content that ingest has validated. `sandbox`: its source is
// one.
AttributeRow ContentAttributes(const v1::Content& content, bool sandbox);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_CONTENT_SCHEMA_H_
