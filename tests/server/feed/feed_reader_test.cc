#include "server/feed/feed_reader.h"

#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/feed/csv_parser.h"
#include "server/feed/text_encoding.h"

namespace gradmatch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string WriteFile(const std::string& name, std::string_view content) {
  const std::string path = testing::TempDir() + "/" + name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::string WriteGzip(const std::string& name, std::string_view content) {
  const std::string path = testing::TempDir() + "/" + name;
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
  return path;
}

struct Reading {
  std::vector<FeedRow> rows;
  absl::Status status;
};
Reading ReadAll(const std::string& path, const FeedOptions& options = {}) {
  Reading out;
  auto reader = OpenFeed(path, options);
  if (!reader.ok()) {
    out.status = reader.status();
    return out;
  }
  FeedRow row;
  while (true) {
    const absl::StatusOr<bool> more = (*reader)->Next(row);
    if (!more.ok()) out.status = more.status();
    if (!more.ok() || !*more) return out;
    out.rows.push_back(row);
  }
}

// "a=1 b=2" of a row, or "!" for a bad one.
std::string Show(const FeedRow& row) {
  if (!row.status.ok()) return std::to_string(row.line) + ":!";
  std::string out = std::to_string(row.line) + ":";
  for (const FeedCell& cell : row.cells) {
    out += cell.column + "=";
    for (const std::string& value : cell.values) out += value + "|";
    out += " ";
  }
  return out;
}

struct FileCase {
  std::string name;
  std::string file;
  std::string content;
  std::vector<std::string> want;
};
class FeedFileTest : public testing::TestWithParam<FileCase> {};
TEST_P(FeedFileTest, ReadsRows) {
  const FileCase& c = GetParam();
  const Reading reading = ReadAll(WriteFile(c.name + c.file, c.content));
  EXPECT_TRUE(reading.status.ok()) << reading.status;
  std::vector<std::string> got;
  for (const FeedRow& row : reading.rows) got.push_back(Show(row));
  EXPECT_EQ(got, c.want);
}
INSTANTIATE_TEST_SUITE_P(
    Files, FeedFileTest,
    testing::ValuesIn<FileCase>({
        {"Json",
         "a.jsonl",
         "{\"a\":\"x\",\"b\":2}\n{\"a\":true}\n",
         {"1:a=x| b=2| ", "2:a=true| "}},
        {"JsonNoLastBreak", "a.ndjson", "{\"a\":1.5}", {"1:a=1.5| "}},
        {"JsonList",
         "a.jsonl",
         "{\"a\":[\"x\",3,null],\"n\":null}\n",
         {"1:a=x|3| "}},
        {"JsonObject",
         "a.jsonl",
         "{\"a\":{\"k\":[1, 2]}}\n",
         {"1:a={\"k\":[1,2]}| "}},
        {"JsonBlankLines",
         "a.jsonl",
         "\n{\"a\":1}\n\n  \n{\"a\":2}\n",
         {"2:a=1| ", "5:a=2| "}},
        {"JsonBad",
         "a.jsonl",
         "{\"a\":1\n[1]\n{\"a\":2}\n",
         {"1:!", "2:!", "3:a=2| "}},
        {"JsonBom", "a.jsonl", "\xEF\xBB\xBF{\"a\":1}\r\n", {"1:a=1| "}},
        {"JsonBadUtf8",
         "a.jsonl",
         "{\"a\":\"好\"}\n{\"a\":\"\xff\"}\n{\"a\":\"好\"}\n",
         {"1:a=好| ", "2:!", "3:a=好| "}},
        {"Empty", "a.jsonl", "", {}},
        {"Csv",
         "a.csv",
         "id,title\n1,测试\n2,\"a,b\"\n",
         {"2:id=1| title=测试| ", "3:id=2| title=a,b| "}},
        {"CsvQuotes",
         "a.csv",
         "id,t\n1,\"say \"\"hi\"\"\"\n",
         {"2:id=1| t=say \"hi\"| "}},
        {"CsvBreaks",
         "a.csv",
         "id,t\r\n1,\"a\r\nb\"\r\n2,c\r\n",
         {"2:id=1| t=a\nb| ", "4:id=2| t=c| "}},
        {"CsvSemicolon", "a.csv", "id;t\n1;a,b\n", {"2:id=1| t=a,b| "}},
        {"CsvTab", "a.txt", "id\tt\n1\ta b\n", {"2:id=1| t=a b| "}},
        {"Tsv", "a.tsv", "id\tt\n1\t\n", {"2:id=1| "}},
        {"CsvBom", "a.csv", "\xEF\xBB\xBFid,t\n1,2\n", {"2:id=1| t=2| "}},
        {"CsvBlank", "a.csv", "\nid,t\n\n1,2\n", {"4:id=1| t=2| "}},
        {"CsvShort", "a.csv", "id,t\n1\n", {"2:id=1| "}},
        {"CsvWide", "a.csv", "id,t\n1,2,3\n4,5\n", {"2:!", "3:id=4| t=5| "}},
        {"CsvEmptyCellsBehind",
         "a.csv",
         "id,t\n1,2,,\n3,,,\n",
         {"2:id=1| t=2| ", "3:id=3| "}},
        {"CsvOpenQuote",
         "a.csv",
         "id,t\n1,\"x\n2,y\n\n3,z\n",
         {"2:!", "3:id=2| t=y| ", "5:id=3| t=z| "}},
        // Two rows of an old Mac in one line are not one row of four cells.
        {"CsvBareCr",
         "a.csv",
         "id,t,u,v\n1,2\r3,4\n5,\"6\r7\"\n8,9\r\r\n",
         {"2:!", "3:id=5| t=6\r7| ", "4:id=8| t=9| "}},
        {"CsvBadUtf8",
         "a.csv",
         "id,t\n1,好\n2,\xff\n3,好\n",
         {"2:id=1| t=好| ", "3:!", "4:id=3| t=好| "}},
        // 职位,测试 in GB18030.
        {"CsvGb18030",
         "a.csv",
         "id,\xd6\xb0\xce\xbb\n1,\xb2\xe2\xca\xd4\n",
         {"2:id=1| 职位=测试| "}},
    }),
    [](const auto& info) { return info.param.name; });

TEST(FeedReaderTest, GzipIsUnpacked) {
  const Reading reading =
      ReadAll(WriteGzip("whole.jsonl.gz", "{\"a\":1}\n{\"a\":2}\n"));
  EXPECT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.rows.size(), 2);
}

TEST(FeedReaderTest, ACutGzipGivesItsRowsAndThenSaysSo) {
  std::string content;
  for (int i = 0; i < 50'000; ++i) {
    content += "{\"id\":" + std::to_string(i * 7919 % 100'003) + "}\n";
  }
  const std::string path = WriteGzip("cut.jsonl.gz", content);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  const Reading reading = ReadAll(path);
  EXPECT_EQ(reading.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(reading.status.message()), HasSubstr("不完整"));
  EXPECT_GT(reading.rows.size(), 1'000);
  EXPECT_LT(reading.rows.size(), 50'000);
  for (const FeedRow& row : reading.rows) ASSERT_TRUE(row.status.ok());
}

TEST(FeedReaderTest, ALongRowIsOneBadRowAndTheNextIsRead) {
  for (const size_t size : {size_t{1} << 20, size_t{5} << 20}) {
    const std::string long_value(size, 'x');
    const Reading json = ReadAll(WriteFile(
        "long.jsonl", "{\"a\":\"" + long_value + "\"}\n{\"a\":\"y\"}\n"));
    ASSERT_EQ(json.rows.size(), 2);
    EXPECT_FALSE(json.rows[0].status.ok());
    EXPECT_EQ(json.rows[1].Text("a"), "y");

    const Reading csv =
        ReadAll(WriteFile("long.csv", "a,b\n" + long_value + ",1\n2,3\n"));
    ASSERT_EQ(csv.rows.size(), 2);
    EXPECT_FALSE(csv.rows[0].status.ok());
    EXPECT_EQ(csv.rows[1].Text("a"), "2");
  }
}

TEST(FeedReaderTest, AnOpenQuoteDoesNotSwallowTheFile) {
  std::string content = "a,b\n1,\"open\n";
  for (int i = 0; i < 2'000; ++i) content += "2,some more text here\n";
  const Reading reading =
      ReadAll(WriteFile("open.csv", content), {.max_row_bytes = 4'096});
  // One line is bad; all the others are rows, none of them under its name.
  ASSERT_EQ(reading.rows.size(), 2'001);
  EXPECT_FALSE(reading.rows[0].status.ok());
  for (size_t i = 0; i < reading.rows.size(); ++i) {
    ASSERT_EQ(reading.rows[i].line, static_cast<int64_t>(i) + 2);
    ASSERT_EQ(reading.rows[i].status.ok(), i > 0);
  }
}

TEST(FeedReaderTest, RawIsTheRowAndTooMuchOfItIsNotSent) {
  const std::string line = "{\"a\": \"x\"}";
  const std::string large = "{\"a\":\"" + std::string(70'000, 'y') + "\"}";
  const Reading reading =
      ReadAll(WriteFile("raw.jsonl", line + "\n" + large + "\n"));
  ASSERT_EQ(reading.rows.size(), 2);
  EXPECT_EQ(reading.rows[0].RawToSend(), line);
  EXPECT_EQ(reading.rows[1].raw, large);
  EXPECT_EQ(reading.rows[1].RawToSend(), "");
}

struct RefusedCase {
  std::string name;
  std::string file;
  std::string content;
  std::string says;
};
class RefusedFileTest : public testing::TestWithParam<RefusedCase> {};
TEST_P(RefusedFileTest, SaysWhy) {
  const RefusedCase& c = GetParam();
  const Reading reading = ReadAll(WriteFile(c.name + c.file, c.content));
  EXPECT_FALSE(reading.status.ok());
  EXPECT_THAT(std::string(reading.status.message()), HasSubstr(c.says));
  EXPECT_THAT(reading.rows, IsEmpty());
}
INSTANTIATE_TEST_SUITE_P(
    Files, RefusedFileTest,
    testing::ValuesIn<RefusedCase>({
        {"Excel", ".xls", "x", ".csv"},
        {"Utf16", ".csv", std::string("\xFF\xFEi\0d\0", 6), "UTF-16"},
        {"Binary", ".csv", "\x81\x20\xff\xff\n\xff\x01\x90\n", "GB18030"},
        {"EmptyCsv", ".csv", "", "表头"},
        {"OldMac", ".csv", "a,b\r1,2\r3,4\r", "换行"},
        {"Workbook", ".csv", "PK\x03\x04\x14", "Excel"},
        {"OldWorkbook", ".csv", "\xD0\xCF\x11\xE0\xA1", "Excel"},
        {"TwiceNamed", ".csv", "a,b,a\n1,2,3\n", "两次"},
    }),
    [](const auto& info) { return info.param.name; });

TEST(FeedReaderTest, AMissingFileIsNotFound) {
  EXPECT_EQ(OpenFeed("/nowhere/x.csv").status().code(),
            absl::StatusCode::kNotFound);
}

TEST(TextEncodingTest, OneBadLineAmongGoodOnesStaysUtf8) {
  const auto encoding = DetectEncoding("好\n好\n\xff\xff\n好\n");
  ASSERT_TRUE(encoding.ok());
  EXPECT_EQ(*encoding, TextEncoding::kUtf8);
}

TEST(DetectDelimiterTest, CountsOutsideQuotes) {
  EXPECT_EQ(DetectDelimiter("a;b;\"c,d,e,f\""), ';');
  EXPECT_EQ(DetectDelimiter("a\tb"), '\t');
  EXPECT_EQ(DetectDelimiter("a"), ',');
}

}  // namespace
}  // namespace gradmatch
