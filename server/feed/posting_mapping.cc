#include "server/feed/posting_mapping.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "server/feed/field_parsers.h"
#include "server/feed/nearest_word.h"
#include "server/feed/proto_json.h"
#include "server/yaml.h"

namespace gradmatch {
namespace {

constexpr std::string_view kTopKeys[] = {"format", "fields"};
constexpr std::string_view kFormats[] = {"columns", "proto_json"};
constexpr std::string_view kRuleKeys[] = {
    "target", "kind", "from", "default", "value", "separator", "format"};

bool IsScalar(const YamlNode& node) {
  return node.kind == YamlNode::Kind::kScalar;
}

absl::Status BadMapping(std::string_view file, int line,
                        std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, kFieldInvalid,
                   absl::StrCat("映射 ", A(file), file.empty() ? "" : " ",
                                "第 ", line, " 行：", A(what)),
                   {{"line", absl::StrCat(line)}});
}

absl::Status UnknownWord(std::string_view file, int line, std::string_view what,
                         std::string_view seen,
                         const std::vector<std::string_view>& allowed) {
  std::string text = absl::StrCat(A(what), " \"", A(seen), "\" 不存在；允许：");
  for (size_t i = 0; i < allowed.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", A(allowed[i]));
  }
  absl::StrAppend(&text, "；最接近：", A(NearestWord(seen, allowed)));
  return BadMapping(file, line, text);
}

template <typename Range>
absl::Status CheckKeys(std::string_view file, const YamlNode& map,
                       const Range& allowed) {
  for (const auto& [key, value] : map.entries) {
    if (std::find(std::begin(allowed), std::end(allowed), key) !=
        std::end(allowed)) {
      continue;
    }
    return UnknownWord(file, value.line, "键", key,
                       {std::begin(allowed), std::end(allowed)});
  }
  return absl::OkStatus();
}

absl::Status ReadColumns(std::string_view file, const YamlNode& rule,
                         std::vector<std::string>& from) {
  const YamlNode* node = rule.Find("from");
  if (node == nullptr) return absl::OkStatus();
  if (IsScalar(*node)) {
    from.push_back(node->scalar);
    return absl::OkStatus();
  }
  for (const YamlNode& item : node->items) {
    if (!IsScalar(item)) {
      return BadMapping(file, item.line, "from 的每一项应是一个列名");
    }
    from.push_back(item.scalar);
  }
  if (from.empty()) {
    return BadMapping(file, node->line, "from 应是列名，或列名的列表");
  }
  return absl::OkStatus();
}

std::string Scalar(const YamlNode& rule, std::string_view key) {
  const YamlNode* node = rule.Find(key);
  return node != nullptr && IsScalar(*node) ? node->scalar : "";
}

absl::Status ReadKind(std::string_view file, const YamlNode& node,
                      const Target& target, PostingMapping::Rule& rule) {
  rule.kind = Scalar(node, "kind");
  if (rule.kind.empty()) rule.kind = std::string(target.kinds[0].kind);
  std::vector<std::string_view> allowed;
  for (const TargetKind& kind : target.kinds) allowed.push_back(kind.kind);
  if (std::find(allowed.begin(), allowed.end(), rule.kind) == allowed.end()) {
    return UnknownWord(file, node.line, absl::StrCat(rule.target, " 的 kind"),
                       rule.kind, allowed);
  }
  const bool constant = rule.kind == "constant";
  rule.fallback = Scalar(node, constant ? "value" : "default");
  if (constant && (rule.fallback.empty() || !rule.from.empty())) {
    return BadMapping(file, node.line, "constant 需要 value，且没有 from");
  }
  if (!constant && rule.from.empty()) {
    return BadMapping(file, node.line,
                      absl::StrCat(rule.target, " 缺少 from (取自哪些列)"));
  }
  return absl::OkStatus();
}

absl::StatusOr<PostingMapping::Rule> ReadRule(std::string_view file,
                                              const YamlNode& node) {
  PostingMapping::Rule rule;
  rule.line = node.line;
  if (node.kind != YamlNode::Kind::kMap) {
    return BadMapping(file, node.line,
                      "fields 的每一项应是 {target: ..., from: ...}");
  }
  if (absl::Status s = CheckKeys(file, node, kRuleKeys); !s.ok()) return s;
  rule.target = Scalar(node, "target");
  std::vector<std::string_view> names;
  const Target* target = nullptr;
  for (const Target& t : Targets()) {
    names.push_back(t.name);
    if (t.name == rule.target) target = &t;
  }
  if (target == nullptr) {
    return UnknownWord(file, node.line, "target", rule.target, names);
  }
  if (absl::Status s = ReadColumns(file, node, rule.from); !s.ok()) return s;
  if (absl::Status s = ReadKind(file, node, *target, rule); !s.ok()) return s;
  rule.separator = Scalar(node, "separator");
  rule.format = Scalar(node, "format");
  return rule;
}

FieldParser ParserOf(const PostingMapping::Rule& rule) {
  for (const Target& target : Targets()) {
    if (target.name != rule.target) continue;
    for (const TargetKind& kind : target.kinds) {
      if (kind.kind == rule.kind) return kind.parse;
    }
  }
  return nullptr;  // Parse has refused it
}

}  // namespace

absl::StatusOr<PostingMapping> PostingMapping::Parse(std::string_view yaml,
                                                     std::string_view file) {
  const absl::StatusOr<YamlNode> root = ParseYaml(yaml);
  if (!root.ok()) {
    return MakeError(
        root.status().code(), kFieldInvalid,
        absl::StrCat("映射 ", A(file), "：", root.status().message()));
  }
  if (root->kind != YamlNode::Kind::kMap) {
    return BadMapping(file, 1, "应以 fields: 开头，列出各个字段");
  }
  if (absl::Status s = CheckKeys(file, *root, kTopKeys); !s.ok()) return s;
  PostingMapping mapping;
  const std::string format = Scalar(*root, "format");
  if (!format.empty() && std::find(std::begin(kFormats), std::end(kFormats),
                                   format) == std::end(kFormats)) {
    return UnknownWord(file, root->Find("format")->line, "format", format,
                       {std::begin(kFormats), std::end(kFormats)});
  }
  if (format == "proto_json") return ProtoJson();
  const YamlNode* fields = root->Find("fields");
  if (fields == nullptr || fields->kind != YamlNode::Kind::kList ||
      fields->items.empty()) {
    return BadMapping(file, root->line, "缺少 fields (字段的列表)");
  }
  for (const YamlNode& node : fields->items) {
    absl::StatusOr<Rule> rule = ReadRule(file, node);
    if (!rule.ok()) return rule.status();
    for (const Rule& other : mapping.rules_) {
      if (other.target == rule->target) {
        return BadMapping(file, node.line,
                          absl::StrCat("target ", rule->target, " 与第 ",
                                       other.line, " 行重复；请合并 from"));
      }
    }
    mapping.fields_.push_back(rule->target);
    mapping.parsers_.push_back(ParserOf(*rule));
    mapping.rules_.push_back(*std::move(rule));
  }
  for (const std::string_view required :
       {"source_posting_id", "title", "employer.name"}) {
    if (std::find(mapping.fields_.begin(), mapping.fields_.end(), required) ==
        mapping.fields_.end()) {
      return BadMapping(file, fields->line,
                        absl::StrCat("缺少必填的 target ", A(required)));
    }
  }
  return mapping;
}

absl::StatusOr<PostingMapping> PostingMapping::Load(const std::string& path) {
  std::ifstream in(path);
  if (!in) {
    return MakeError(absl::StatusCode::kNotFound, kFieldInvalid,
                     absl::StrCat("没有映射文件 ", path, "；请检查路径"));
  }
  std::ostringstream text;
  text << in.rdbuf();
  return Parse(text.str(), path);
}

PostingMapping PostingMapping::ProtoJson() {
  PostingMapping mapping;
  mapping.proto_json_ = true;
  return mapping;
}

MappedPosting PostingMapping::Map(const FeedRow& row) const {
  if (proto_json_) return MapProtoJson(row);
  MappedPosting out;
  for (size_t r = 0; r < rules_.size(); ++r) {
    RuleInput input{.rule = rules_[r]};
    for (const std::string& column : rules_[r].from) {
      const FeedCell* cell = row.Find(column);
      std::string text =
          cell == nullptr || cell->values.empty() ? "" : cell->values[0];
      absl::StripAsciiWhitespace(&text);
      input.texts.push_back(std::move(text));
      input.lists.push_back(cell == nullptr ? std::vector<std::string>()
                                            : cell->values);
    }
    out.readings.push_back(parsers_[r](input, out));
  }
  return out;
}

absl::Status PostingMapping::CheckColumns(
    const std::vector<std::string>& columns) const {
  if (columns.empty()) return absl::OkStatus();
  if (proto_json_) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, kFieldMissing,
        "有表头的文件需要映射，说明哪一列是哪个字段；请用 --mapping "
        "给出，例如 tools/mappings/jobs_boards.yaml");
  }
  for (const Rule& rule : rules_) {
    if (rule.kind == "constant") continue;
    const bool found = std::any_of(
        rule.from.begin(), rule.from.end(), [&](const std::string& column) {
          return std::find(columns.begin(), columns.end(), column) !=
                 columns.end();
        });
    if (found) continue;
    return UnknownWord("", rule.line, absl::StrCat(rule.target, " 的列"),
                       rule.from[0], {columns.begin(), columns.end()});
  }
  return absl::OkStatus();
}

}  // namespace gradmatch
