// Uses the client of the OpenAPI Generator for Go.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"program/tackboard"
)

func must[T any](value T, response any, err error) T {
	if err != nil {
		panic(fmt.Sprintf("%v: %v", err, response))
	}
	return value
}

func check(ok bool, what any) {
	if !ok {
		panic(what)
	}
}

// model returns the error that a call has ended with.
func model[T any](err error) T {
	var refused *tackboard.GenericOpenAPIError
	check(errors.As(err, &refused), err)
	found, ok := refused.Model().(T)
	check(ok, string(refused.Body()))
	return found
}

func main() {
	configuration := tackboard.NewConfiguration()
	check(configuration.Servers[0].URL == os.Getenv("TACKBOARD_ORIGIN"), configuration.Servers)
	client := tackboard.NewAPIClient(configuration)
	ctx := context.WithValue(context.Background(), tackboard.ContextAccessToken, os.Getenv("TACKBOARD_TOKEN"))

	board := must(client.BoardsAPI.CreateBoard(ctx).BoardCreate(*tackboard.NewBoardCreate("go")).Execute()).Board
	newProject := tackboard.NewProjectCreate(board.Id, "Launch")
	project := must(client.ProjectsAPI.CreateProject(ctx).ProjectCreate(*newProject).Execute()).Project
	var created []string
	for _, label := range []string{"One", "Two", "Three"} {
		task := tackboard.NewTaskCreate(label, project.Id)
		created = append(created, must(client.TasksAPI.CreateTask(ctx).TaskCreate(*task).Execute()).Task.Id)
	}
	one, two, three := created[0], created[1], created[2]

	move := func(task string, position tackboard.Move) error {
		change := tackboard.NewTaskUpdate()
		change.SetPosition(position)
		_, _, err := client.TasksAPI.UpdateTask(ctx, task).TaskUpdate(*change).Execute()
		return err
	}
	last := "last"
	check(move(three, tackboard.MoveBeforeAsMove(tackboard.NewMoveBefore(one))) == nil, "before")
	check(move(one, tackboard.StringAsMove(&last)) == nil, "last")
	listed := must(client.TasksAPI.ListProjectTasks(ctx, project.Id).Limit(10).Execute())
	var labels []string
	for _, task := range listed.Tasks {
		labels = append(labels, task.Label)
	}
	check(slices.Equal(labels, []string{"Three", "Two", "One"}), labels)

	refused := move(two, tackboard.MoveAfterAsMove(tackboard.NewMoveAfter(board.Id)))
	missing := model[tackboard.TaskReferenceNotFoundOrWorkspaceNotFoundError](refused).TaskNotFoundError
	check(missing != nil && missing.Error.Details.TaskId == board.Id, refused)

	_, _, err := client.TasksAPI.CreateTask(ctx).TaskCreate(*tackboard.NewTaskCreate("", project.Id)).Execute()
	invalid := model[tackboard.BadRequestError](err).InvalidRequestError
	check(invalid != nil && invalid.Error.Details.Fields["label"] == "Label must not be empty", err)

	deletion := must(client.BoardsAPI.DeleteBoard(ctx, board.Id).Execute())
	check(deletion.Id == board.Id, deletion)
}
